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
  (local $3 i32)
  (local $4 i32)
  (local $scratch (tuple i32 i64))
  (local $scratch_6 (tuple i32 i64))
  (local $scratch_7 i32)
  (local $scratch_8 (tuple i32 i64))
  (local $scratch_9 (tuple i32 i64))
  (local $scratch_10 i32)
  (local $scratch_11 i32)
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
       (local.set $3
        (i32.sub
         (local.get $0)
         (i32.const 1)
        )
       )
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
         (local.tee $4
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
       (i32.add
        (if (result i32)
         (i32.lt_u
          (local.get $3)
          (i32.const 2)
         )
         (then
          (local.set $1
           (i64.sub
            (local.get $1)
            (i64.const 3)
           )
          )
          (local.get $3)
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
               (local.get $3)
               (i32.const 1)
              )
              (local.get $1)
              (local.get $4)
             )
            )
           )
           (block (result i32)
            (local.set $1
             (tuple.extract 2 1
              (local.get $scratch)
             )
            )
            (local.set $scratch_7
             (tuple.extract 2 0
              (local.tee $scratch_6
               (call $0
                (i32.sub
                 (local.get $3)
                 (i32.const 2)
                )
                (local.get $1)
                (local.get $4)
               )
              )
             )
            )
            (local.set $1
             (tuple.extract 2 1
              (local.get $scratch_6)
             )
            )
            (local.get $scratch_7)
           )
          )
         )
        )
        (block (result i32)
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
         (local.set $3
          (i32.sub
           (local.get $0)
           (i32.const 2)
          )
         )
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
           (local.tee $4
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
         (local.set $scratch_11
          (if (result i32)
           (i32.lt_u
            (local.get $3)
            (i32.const 2)
           )
           (then
            (local.set $1
             (i64.sub
              (local.get $1)
              (i64.const 3)
             )
            )
            (local.get $3)
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
              (local.tee $scratch_8
               (call $0
                (i32.sub
                 (local.get $3)
                 (i32.const 1)
                )
                (local.get $1)
                (local.get $4)
               )
              )
             )
             (block (result i32)
              (local.set $1
               (tuple.extract 2 1
                (local.get $scratch_8)
               )
              )
              (local.set $scratch_10
               (tuple.extract 2 0
                (local.tee $scratch_9
                 (call $0
                  (i32.sub
                   (local.get $3)
                   (i32.const 2)
                  )
                  (local.get $1)
                  (local.get $4)
                 )
                )
               )
              )
              (local.set $1
               (tuple.extract 2 1
                (local.get $scratch_9)
               )
              )
              (local.get $scratch_10)
             )
            )
           )
          )
         )
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
         (local.get $scratch_11)
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
