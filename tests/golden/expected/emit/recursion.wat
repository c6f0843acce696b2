(module
 (type $0 (func (param i32 i64 i32) (result i32 i64)))
 (type $1 (func))
 (type $2 (func (param i32) (result i32)))
 (type $3 (func (result i32 i64)))
 (global $global$0 (mut i64) (i64.const 0))
 (global $global$1 (mut i32) (i32.const 0))
 (global $global$2 (mut i32) (i32.const 0))
 (export "fib" (func $2))
 (export "plasma:reset" (func $1))
 (export "plasma:gas" (global $global$0))
 (export "plasma:depth" (global $global$1))
 (export "plasma:trap" (global $global$2))
 (func $0 (type $0) (param $0 i32) (param $1 i64) (param $2 i32) (result i32 i64)
  (local $scratch (tuple i32 i64))
  (local $scratch_4 (tuple i32 i64))
  (local $scratch_5 i32)
  (block $block
   (br_if $block
    (i64.lt_s
     (local.tee $1
      (i64.sub
       (local.get $1)
       (i64.const 7)
      )
     )
     (i64.const 0)
    )
   )
   (if
    (i32.lt_s
     (local.tee $2
      (i32.sub
       (local.get $2)
       (i32.const 20)
      )
     )
     (i32.const 0)
    )
    (then
     (global.set $global$2
      (i32.const 2)
     )
     (unreachable)
    )
   )
   (return
    (tuple.make 2
     (if (result i32)
      (i32.lt_u
       (local.get $0)
       (i32.const 2)
      )
      (then
       (local.set $1
        (i64.sub
         (local.get $1)
         (i64.const 3)
        )
       )
       (local.get $0)
      )
      (else
       (local.set $1
        (i64.sub
         (local.get $1)
         (i64.const 16)
        )
       )
       (i32.add
        (tuple.extract 2 0
         (local.tee $scratch
          (call $0
           (i32.sub
            (local.get $0)
            (i32.const 1)
           )
           (local.get $1)
           (local.get $2)
          )
         )
        )
        (block (result i32)
         (local.set $1
          (tuple.extract 2 1
           (local.get $scratch)
          )
         )
         (local.set $scratch_5
          (tuple.extract 2 0
           (local.tee $scratch_4
            (call $0
             (i32.sub
              (local.get $0)
              (i32.const 2)
             )
             (local.get $1)
             (local.get $2)
            )
           )
          )
         )
         (local.set $1
          (tuple.extract 2 1
           (local.get $scratch_4)
          )
         )
         (local.get $scratch_5)
        )
       )
      )
     )
     (block (result i64)
      (br_if $block
       (i64.lt_s
        (local.tee $1
         (i64.sub
          (local.get $1)
          (i64.const 2)
         )
        )
        (i64.const 0)
       )
      )
      (local.get $1)
     )
    )
   )
  )
  (global.set $global$2
   (i32.const 1)
  )
  (unreachable)
 )
 (func $1 (type $1)
 )
 (func $2 (type $2) (param $0 i32) (result i32)
  (local $scratch (tuple i32 i64))
  (local $scratch_2 i32)
  (local.set $scratch_2
   (tuple.extract 2 0
    (local.tee $scratch
     (call $0
      (local.get $0)
      (global.get $global$0)
      (global.get $global$1)
     )
    )
   )
  )
  (global.set $global$0
   (tuple.extract 2 1
    (local.get $scratch)
   )
  )
  (local.get $scratch_2)
 )
)
