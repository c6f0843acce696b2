(module
 (type $0 (func (param i32 i64 i32) (result i32 i64)))
 (type $1 (func (param i32) (result i32)))
 (type $2 (func (result i32 i64)))
 (type $3 (func))
 (global $global$0 (mut i32) (i32.const 0))
 (global $global$1 (mut i64) (i64.const 0))
 (global $global$2 (mut i32) (i32.const 0))
 (global $global$3 (mut i32) (i32.const 0))
 (export "divide" (func $3))
 (export "count" (func $4))
 (export "plasma:reset" (func $2))
 (export "plasma:gas" (global $global$1))
 (export "plasma:depth" (global $global$2))
 (export "plasma:trap" (global $global$3))
 (func $0 (type $0) (param $0 i32) (param $1 i64) (param $2 i32) (result i32 i64)
  (local $3 i32)
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
       (i32.const 21)
      )
     )
     (i32.const 0)
    )
    (then
     (global.set $global$3
      (i32.const 2)
     )
     (unreachable)
    )
   )
   (loop $label
    (if
     (i32.lt_s
      (i32.const -3)
      (local.get $0)
     )
     (then
      (br_if $block
       (i64.lt_s
        (local.tee $1
         (i64.sub
          (local.get $1)
          (i64.const 24)
         )
        )
        (i64.const -19)
       )
      )
      (local.set $3
       (i32.add
        (local.get $3)
        (i32.div_u
         (i32.const 100)
         (local.get $0)
        )
       )
      )
      (local.set $0
       (i32.sub
        (local.get $0)
        (i32.const 1)
       )
      )
      (br $label)
     )
     (else
      (br_if $block
       (i64.lt_s
        (local.tee $1
         (i64.sub
          (local.get $1)
          (i64.const 5)
         )
        )
        (i64.const 0)
       )
      )
     )
    )
    (local.set $1
     (i64.sub
      (local.get $1)
      (i64.const 6)
     )
    )
   )
   (global.set $global$0
    (i32.add
     (global.get $global$0)
     (i32.const 1)
    )
   )
   (return
    (tuple.make 2
     (local.get $3)
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
  (global.set $global$3
   (i32.const 1)
  )
  (unreachable)
 )
 (func $1 (type $0) (param $0 i32) (param $1 i64) (param $2 i32) (result i32 i64)
  (local $3 i32)
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
     (global.set $global$3
      (i32.const 2)
     )
     (unreachable)
    )
   )
   (loop $label
    (if
     (i32.ne
      (local.get $3)
      (local.get $0)
     )
     (then
      (br_if $block
       (i64.lt_s
        (local.tee $1
         (i64.sub
          (local.get $1)
          (i64.const 14)
         )
        )
        (i64.const -9)
       )
      )
      (local.set $3
       (i32.add
        (local.get $3)
        (i32.const 1)
       )
      )
      (br_if $label
       (i32.and
        (local.get $3)
        (i32.const 1)
       )
      )
      (loop $label1
       (if
        (i32.gt_u
         (local.get $3)
         (i32.const 100)
        )
        (then
         (br_if $block
          (i64.lt_s
           (local.tee $1
            (i64.sub
             (local.get $1)
             (i64.const 7)
            )
           )
           (i64.const -2)
          )
         )
         (br $label1)
        )
        (else
         (br_if $block
          (i64.lt_s
           (local.tee $1
            (i64.sub
             (local.get $1)
             (i64.const 5)
            )
           )
           (i64.const 0)
          )
         )
        )
       )
       (local.set $1
        (i64.sub
         (local.get $1)
         (i64.const 2)
        )
       )
      )
      (br $label)
     )
     (else
      (br_if $block
       (i64.lt_s
        (local.tee $1
         (i64.sub
          (local.get $1)
          (i64.const 5)
         )
        )
        (i64.const 0)
       )
      )
     )
    )
    (local.set $1
     (i64.sub
      (local.get $1)
      (i64.const 6)
     )
    )
   )
   (if
    (i32.eq
     (local.get $0)
     (i32.const 5)
    )
    (then
     (local.set $1
      (i64.sub
       (local.get $1)
       (i64.const 2)
      )
     )
     (unreachable)
    )
   )
   (return
    (tuple.make 2
     (local.get $3)
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
  (global.set $global$3
   (i32.const 1)
  )
  (unreachable)
 )
 (func $2 (type $3)
  (global.set $global$0
   (i32.const 0)
  )
 )
 (func $3 (type $1) (param $0 i32) (result i32)
  (local $scratch (tuple i32 i64))
  (local $scratch_2 i32)
  (local.set $scratch_2
   (tuple.extract 2 0
    (local.tee $scratch
     (call $0
      (local.get $0)
      (global.get $global$1)
      (global.get $global$2)
     )
    )
   )
  )
  (global.set $global$1
   (tuple.extract 2 1
    (local.get $scratch)
   )
  )
  (local.get $scratch_2)
 )
 (func $4 (type $1) (param $0 i32) (result i32)
  (local $scratch (tuple i32 i64))
  (local $scratch_2 i32)
  (local.set $scratch_2
   (tuple.extract 2 0
    (local.tee $scratch
     (call $1
      (local.get $0)
      (global.get $global$1)
      (global.get $global$2)
     )
    )
   )
  )
  (global.set $global$1
   (tuple.extract 2 1
    (local.get $scratch)
   )
  )
  (local.get $scratch_2)
 )
)
