(module
 (type $0 (func (param i32 i64 i32) (result i32 i64)))
 (type $1 (func (result i32 i64)))
 (type $2 (func (param i32 i32 i64 i32) (result i32 i64)))
 (type $3 (func))
 (type $4 (func (param i32) (result i32)))
 (global $global$0 (mut i32) (i32.const 0))
 (global $global$1 (mut i64) (i64.const 0))
 (global $global$2 (mut i32) (i32.const 0))
 (global $global$3 (mut i32) (i32.const 0))
 (table $0 2 funcref)
 (elem $0 (i32.const 0) $0 $2)
 (export "one after another" (func $6))
 (export "plasma:reset" (func $5))
 (export "plasma:gas" (global $global$1))
 (export "plasma:depth" (global $global$2))
 (export "plasma:trap" (global $global$3))
 (func $0 (type $0) (param $0 i32) (param $1 i64) (param $2 i32) (result i32 i64)
  (local $3 i32)
  (local $4 i64)
  (local $5 i32)
  (local $scratch (tuple i32 i64))
  (local $scratch_7 i32)
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
       (i32.const 19)
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
   (return
    (tuple.make 2
     (if (result i32)
      (i32.eqz
       (local.get $0)
      )
      (then
       (local.set $1
        (i64.sub
         (local.get $1)
         (i64.const 3)
        )
       )
       (i32.const 1)
      )
      (else
       (local.set $1
        (i64.sub
         (local.get $1)
         (i64.const 8)
        )
       )
       (local.set $3
        (i32.sub
         (local.get $0)
         (i32.const 1)
        )
       )
       (local.set $4
        (i64.const 0)
       )
       (block $block1 (result i32)
        (br_if $block
         (i64.lt_s
          (local.tee $1
           (i64.sub
            (local.get $1)
            (i64.const 11)
           )
          )
          (i64.const 0)
         )
        )
        (if
         (i32.lt_s
          (local.tee $5
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
        (if
         (i32.eqz
          (local.get $3)
         )
         (then
          (local.set $1
           (i64.sub
            (local.get $1)
            (i64.const 3)
           )
          )
          (br $block1
           (i32.const 0)
          )
         )
        )
        (local.set $1
         (i64.sub
          (local.get $1)
          (i64.const 18)
         )
        )
        (local.set $4
         (i64.shl
          (i64.extend_i32_u
           (local.get $3)
          )
          (i64.const 1)
         )
        )
        (global.set $global$0
         (i32.add
          (global.get $global$0)
          (i32.wrap_i64
           (local.get $4)
          )
         )
        )
        (local.set $scratch_7
         (tuple.extract 2 0
          (local.tee $scratch
           (call $0
            (i32.sub
             (local.get $3)
             (i32.const 1)
            )
            (local.get $1)
            (local.get $5)
           )
          )
         )
        )
        (local.set $1
         (tuple.extract 2 1
          (local.get $scratch)
         )
        )
        (local.get $scratch_7)
       )
      )
     )
     (local.get $1)
    )
   )
  )
  (global.set $global$3
   (i32.const 1)
  )
  (unreachable)
 )
 (func $1 (type $0) (param $0 i32) (param $1 i64) (param $2 i32) (result i32 i64)
  (local $3 i64)
  (local $4 i32)
  (local $5 i32)
  (local $scratch (tuple i32 i64))
  (local $scratch_7 i32)
  (block $block
   (return
    (tuple.make 2
     (block $block1 (result i32)
      (br_if $block
       (i64.lt_s
        (local.tee $1
         (i64.sub
          (local.get $1)
          (i64.const 11)
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
      (if
       (i32.eqz
        (local.get $0)
       )
       (then
        (local.set $1
         (i64.sub
          (local.get $1)
          (i64.const 3)
         )
        )
        (br $block1
         (i32.const 0)
        )
       )
      )
      (local.set $1
       (i64.sub
        (local.get $1)
        (i64.const 18)
       )
      )
      (local.set $3
       (i64.shl
        (i64.extend_i32_u
         (local.get $0)
        )
        (i64.const 1)
       )
      )
      (global.set $global$0
       (i32.add
        (global.get $global$0)
        (i32.wrap_i64
         (local.get $3)
        )
       )
      )
      (local.set $4
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
        (local.tee $5
         (i32.sub
          (local.get $2)
          (i32.const 19)
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
      (if (result i32)
       (i32.eqz
        (local.get $4)
       )
       (then
        (local.set $1
         (i64.sub
          (local.get $1)
          (i64.const 3)
         )
        )
        (i32.const 1)
       )
       (else
        (local.set $1
         (i64.sub
          (local.get $1)
          (i64.const 8)
         )
        )
        (local.set $scratch_7
         (tuple.extract 2 0
          (local.tee $scratch
           (call $1
            (i32.sub
             (local.get $4)
             (i32.const 1)
            )
            (local.get $1)
            (local.get $5)
           )
          )
         )
        )
        (local.set $1
         (tuple.extract 2 1
          (local.get $scratch)
         )
        )
        (local.get $scratch_7)
       )
      )
     )
     (local.get $1)
    )
   )
  )
  (global.set $global$3
   (i32.const 1)
  )
  (unreachable)
 )
 (func $2 (type $0) (param $0 i32) (param $1 i64) (param $2 i32) (result i32 i64)
  (local $3 i32)
  (local $scratch (tuple i32 i64))
  (local $scratch_5 i32)
  (tuple.make 2
   (block $block (result i32)
    (if
     (i64.lt_s
      (local.tee $1
       (i64.sub
        (local.get $1)
        (i64.const 7)
       )
      )
      (i64.const 0)
     )
     (then
      (global.set $global$3
       (i32.const 1)
      )
      (unreachable)
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
    (if
     (i32.eqz
      (local.get $0)
     )
     (then
      (local.set $1
       (i64.sub
        (local.get $1)
        (i64.const 3)
       )
      )
      (br $block
       (global.get $global$0)
      )
     )
    )
    (local.set $1
     (i64.sub
      (local.get $1)
      (i64.const 14)
     )
    )
    (local.set $scratch_5
     (tuple.extract 2 0
      (local.tee $scratch
       (call_indirect $0 (type $0)
        (i32.sub
         (local.get $0)
         (i32.const 1)
        )
        (block (result i64)
         (local.set $3
          (i32.and
           (local.get $0)
           (i32.const 1)
          )
         )
         (local.get $1)
        )
        (local.get $2)
        (local.get $3)
       )
      )
     )
    )
    (local.set $1
     (tuple.extract 2 1
      (local.get $scratch)
     )
    )
    (local.get $scratch_5)
   )
   (local.get $1)
  )
 )
 (func $3 (type $2) (param $0 i32) (param $1 i32) (param $2 i64) (param $3 i32) (result i32 i64)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $scratch i32)
  (local $scratch_8 (tuple i32 i64))
  (local $scratch_9 i32)
  (block $block
   (br_if $block
    (i64.lt_s
     (local.tee $2
      (i64.sub
       (local.get $2)
       (i64.const 7)
      )
     )
     (i64.const 0)
    )
   )
   (if
    (i32.lt_s
     (local.tee $3
      (i32.sub
       (local.get $3)
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
   (return
    (tuple.make 2
     (if (result i32)
      (i32.eqz
       (local.get $0)
      )
      (then
       (local.set $2
        (i64.sub
         (local.get $2)
         (i64.const 3)
        )
       )
       (local.get $1)
      )
      (else
       (local.set $2
        (i64.sub
         (local.get $2)
         (i64.const 11)
        )
       )
       (local.set $4
        (block (result i32)
         (local.set $scratch
          (i32.sub
           (local.get $0)
           (i32.const 1)
          )
         )
         (local.set $5
          (i32.add
           (local.get $1)
           (i32.const 5)
          )
         )
         (local.get $scratch)
        )
       )
       (br_if $block
        (i64.lt_s
         (local.tee $2
          (i64.sub
           (local.get $2)
           (i64.const 7)
          )
         )
         (i64.const 0)
        )
       )
       (if
        (i32.lt_s
         (local.tee $6
          (i32.sub
           (local.get $3)
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
       (if (result i32)
        (i32.eqz
         (local.get $4)
        )
        (then
         (local.set $2
          (i64.sub
           (local.get $2)
           (i64.const 3)
          )
         )
         (local.get $5)
        )
        (else
         (local.set $2
          (i64.sub
           (local.get $2)
           (i64.const 11)
          )
         )
         (local.set $scratch_9
          (tuple.extract 2 0
           (local.tee $scratch_8
            (call $3
             (i32.sub
              (local.get $4)
              (i32.const 1)
             )
             (i32.add
              (local.get $5)
              (i32.const 5)
             )
             (local.get $2)
             (local.get $6)
            )
           )
          )
         )
         (local.set $2
          (tuple.extract 2 1
           (local.get $scratch_8)
          )
         )
         (local.get $scratch_9)
        )
       )
      )
     )
     (local.get $2)
    )
   )
  )
  (global.set $global$3
   (i32.const 1)
  )
  (unreachable)
 )
 (func $4 (type $0) (param $0 i32) (param $1 i64) (param $2 i32) (result i32 i64)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $7 i32)
  (local $scratch (tuple i32 i64))
  (local $scratch_9 i32)
  (local $scratch_10 i32)
  (local $scratch_11 (tuple i32 i64))
  (local $scratch_12 i32)
  (local $scratch_13 (tuple i32 i64))
  (local $scratch_14 i32)
  (local $scratch_15 (tuple i32 i64))
  (local $scratch_16 i32)
  (block $block
   (br_if $block
    (i64.lt_s
     (local.tee $1
      (i64.sub
       (local.get $1)
       (i64.const 51)
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
   (local.set $4
    (local.get $0)
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
     (local.tee $5
      (i32.sub
       (local.get $2)
       (i32.const 19)
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
   (local.set $3
    (if (result i32)
     (i32.eqz
      (local.get $4)
     )
     (then
      (local.set $1
       (i64.sub
        (local.get $1)
        (i64.const 3)
       )
      )
      (i32.const 1)
     )
     (else
      (local.set $1
       (i64.sub
        (local.get $1)
        (i64.const 8)
       )
      )
      (local.set $scratch_9
       (tuple.extract 2 0
        (local.tee $scratch
         (call $1
          (i32.sub
           (local.get $4)
           (i32.const 1)
          )
          (local.get $1)
          (local.get $5)
         )
        )
       )
      )
      (local.set $1
       (tuple.extract 2 1
        (local.get $scratch)
       )
      )
      (local.get $scratch_9)
     )
    )
   )
   (local.set $4
    (block (result i32)
     (local.set $scratch_10
      (local.get $0)
     )
     (local.set $6
      (local.get $3)
     )
     (local.get $scratch_10)
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
     (local.tee $5
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
   (local.set $3
    (if (result i32)
     (i32.eqz
      (local.get $4)
     )
     (then
      (local.set $1
       (i64.sub
        (local.get $1)
        (i64.const 3)
       )
      )
      (local.get $6)
     )
     (else
      (local.set $1
       (i64.sub
        (local.get $1)
        (i64.const 11)
       )
      )
      (local.set $scratch_12
       (tuple.extract 2 0
        (local.tee $scratch_11
         (call $3
          (i32.sub
           (local.get $4)
           (i32.const 1)
          )
          (i32.add
           (local.get $6)
           (i32.const 5)
          )
          (local.get $1)
          (local.get $5)
         )
        )
       )
      )
      (local.set $1
       (tuple.extract 2 1
        (local.get $scratch_11)
       )
      )
      (local.get $scratch_12)
     )
    )
   )
   (local.set $3
    (i32.add
     (local.get $3)
     (block (result i32)
      (local.set $4
       (local.get $0)
      )
      (block $block1 (result i32)
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
         (local.tee $5
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
       (if
        (i32.eqz
         (local.get $4)
        )
        (then
         (local.set $1
          (i64.sub
           (local.get $1)
           (i64.const 3)
          )
         )
         (br $block1
          (global.get $global$0)
         )
        )
       )
       (local.set $1
        (i64.sub
         (local.get $1)
         (i64.const 14)
        )
       )
       (local.set $scratch_14
        (tuple.extract 2 0
         (local.tee $scratch_13
          (call_indirect $0 (type $0)
           (i32.sub
            (local.get $4)
            (i32.const 1)
           )
           (block (result i64)
            (local.set $7
             (i32.and
              (local.get $4)
              (i32.const 1)
             )
            )
            (local.get $1)
           )
           (local.get $5)
           (local.get $7)
          )
         )
        )
       )
       (local.set $1
        (tuple.extract 2 1
         (local.get $scratch_13)
        )
       )
       (local.get $scratch_14)
      )
     )
    )
   )
   (local.set $3
    (i32.add
     (local.get $3)
     (block (result i32)
      (local.set $scratch_16
       (tuple.extract 2 0
        (local.tee $scratch_15
         (call $1
          (i32.mul
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
        (local.get $scratch_15)
       )
      )
      (local.get $scratch_16)
     )
    )
   )
   (return
    (tuple.make 2
     (i32.add
      (local.get $3)
      (i32.div_u
       (i32.const 12)
       (local.get $0)
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
  (global.set $global$3
   (i32.const 1)
  )
  (unreachable)
 )
 (func $5 (type $3)
  (global.set $global$0
   (i32.const 0)
  )
 )
 (func $6 (type $4) (param $0 i32) (result i32)
  (local $scratch (tuple i32 i64))
  (local $scratch_2 i32)
  (local.set $scratch_2
   (tuple.extract 2 0
    (local.tee $scratch
     (call $4
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
