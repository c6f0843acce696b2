(module
 (type $0 (func))
 (type $1 (func (param i32) (result i32)))
 (type $2 (func (param i64 i32) (result i64)))
 (type $3 (func (param i32 i32 i32)))
 (type $4 (func (param i32 i32 i32 i64) (result i64)))
 (type $5 (func (param i32 i64) (result i32 i64)))
 (type $6 (func (result i32 i64)))
 (import "env" "storage_set" (func $fimport$0 (type $3) (param i32 i32 i32)))
 (import "env" "storage_open" (func $fimport$1 (type $1) (param i32) (result i32)))
 (global $global$0 (mut i32) (i32.const 7))
 (global $global$1 (mut i64) (i64.const 0))
 (global $global$2 (mut i32) (i32.const 0))
 (global $global$3 (mut i32) (i32.const 0))
 (memory $0 1 2)
 (data $0 "plasma")
 (export "memory" (memory $0))
 (export "_start" (func $7))
 (export "main" (func $8))
 (export "plasma:memory" (memory $0))
 (export "plasma:reset" (func $5))
 (export "plasma:enter" (func $6))
 (export "plasma:gas" (global $global$1))
 (export "plasma:depth" (global $global$2))
 (export "plasma:trap" (global $global$3))
 (func $0 (type $2) (param $0 i64) (param $1 i32) (result i64)
  (block $block
   (br_if $block
    (i64.lt_s
     (local.tee $0
      (i64.sub
       (local.get $0)
       (i64.const 7)
      )
     )
     (i64.const 0)
    )
   )
   (if
    (i32.lt_s
     (local.tee $1
      (i32.sub
       (local.get $1)
       (i32.const 18)
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
   (global.set $global$0
    (i32.add
     (global.get $global$0)
     (i32.const 1)
    )
   )
   (br_if $block
    (i64.lt_s
     (local.tee $0
      (i64.sub
       (local.get $0)
       (i64.const 2)
      )
     )
     (i64.const 0)
    )
   )
   (return
    (local.get $0)
   )
  )
  (global.set $global$3
   (i32.const 1)
  )
  (unreachable)
 )
 (func $1 (type $2) (param $0 i64) (param $1 i32) (result i64)
  (local $2 i32)
  (local $scratch i32)
  (local $scratch_4 i32)
  (local $scratch_5 i32)
  (local $scratch_6 (tuple i32 i64))
  (block $block
   (br_if $block
    (i64.lt_s
     (local.tee $0
      (i64.sub
       (local.get $0)
       (i64.const 51)
      )
     )
     (i64.const 0)
    )
   )
   (if
    (i32.lt_s
     (local.tee $1
      (i32.sub
       (local.get $1)
       (i32.const 38)
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
   (drop
    (call $4
     (block (result i32)
      (local.set $scratch
       (local.tee $2
        (i32.const 1)
       )
      )
      (br_if $block
       (i64.lt_s
        (local.tee $0
         (i64.sub
          (local.get $0)
          (i64.mul
           (i64.extend_i32_u
            (local.get $2)
           )
           (i64.const 1000)
          )
         )
        )
        (i64.const 0)
       )
      )
      (local.get $scratch)
     )
    )
   )
   (memory.copy
    (i32.const 0)
    (i32.const 8)
    (block (result i32)
     (local.set $scratch_4
      (local.tee $2
       (i32.const 64)
      )
     )
     (br_if $block
      (i64.lt_s
       (local.tee $0
        (i64.sub
         (local.get $0)
         (i64.mul
          (i64.shr_u
           (i64.add
            (i64.extend_i32_u
             (local.get $2)
            )
            (i64.const 127)
           )
           (i64.const 7)
          )
          (i64.const 4)
         )
        )
       )
       (i64.const 0)
      )
     )
     (local.get $scratch_4)
    )
   )
   (memory.fill
    (i32.const 0)
    (i32.const 255)
    (block (result i32)
     (local.set $scratch_5
      (local.tee $2
       (memory.size)
      )
     )
     (br_if $block
      (i64.lt_s
       (local.tee $0
        (i64.sub
         (local.get $0)
         (i64.mul
          (i64.shr_u
           (i64.add
            (i64.extend_i32_u
             (local.get $2)
            )
            (i64.const 127)
           )
           (i64.const 7)
          )
          (i64.const 4)
         )
        )
       )
       (i64.const 0)
      )
     )
     (local.get $scratch_5)
    )
   )
   (local.set $0
    (call $2
     (i32.const 0)
     (i32.const 32)
     (tuple.extract 2 0
      (local.tee $scratch_6
       (call $3
        (i32.const 0)
        (local.get $0)
       )
      )
     )
     (block (result i64)
      (local.set $0
       (tuple.extract 2 1
        (local.get $scratch_6)
       )
      )
      (local.get $0)
     )
    )
   )
   (br_if $block
    (i64.lt_s
     (local.tee $0
      (i64.sub
       (local.get $0)
       (i64.const 2)
      )
     )
     (i64.const 0)
    )
   )
   (return
    (local.get $0)
   )
  )
  (global.set $global$3
   (i32.const 1)
  )
  (unreachable)
 )
 (func $2 (type $4) (param $0 i32) (param $1 i32) (param $2 i32) (param $3 i64) (result i64)
  (if
   (i64.lt_s
    (local.tee $3
     (i64.sub
      (local.get $3)
      (i64.const 73)
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
   (i64.lt_s
    (local.tee $3
     (i64.sub
      (local.get $3)
      (i64.mul
       (i64.shr_u
        (i64.add
         (i64.extend_i32_u
          (local.get $2)
         )
         (i64.const 31)
        )
        (i64.const 5)
       )
       (i64.const 10)
      )
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
  (global.set $global$1
   (local.get $3)
  )
  (call $fimport$0
   (local.get $0)
   (local.get $1)
   (local.get $2)
  )
  (global.get $global$1)
 )
 (func $3 (type $5) (param $0 i32) (param $1 i64) (result i32 i64)
  (if
   (i64.lt_s
    (local.tee $1
     (i64.sub
      (local.get $1)
      (i64.const 72)
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
  (global.set $global$1
   (local.get $1)
  )
  (tuple.make 2
   (call $fimport$1
    (local.get $0)
   )
   (global.get $global$1)
  )
 )
 (func $4 (type $1) (param $0 i32) (result i32)
  (if
   (i32.gt_u
    (local.get $0)
    (i32.sub
     (i32.const 2)
     (memory.size)
    )
   )
   (then
    (return
     (i32.const -1)
    )
   )
  )
  (if
   (i32.eq
    (local.tee $0
     (memory.grow
      (local.get $0)
     )
    )
    (i32.const -1)
   )
   (then
    (global.set $global$3
     (i32.const 3)
    )
    (unreachable)
   )
  )
  (local.get $0)
 )
 (func $5 (type $0)
  (memory.fill
   (i32.const 0)
   (i32.const 0)
   (i32.shl
    (memory.size)
    (i32.const 16)
   )
  )
  (memory.init $0
   (i32.const 16)
   (i32.const 0)
   (i32.const 6)
  )
  (global.set $global$0
   (i32.const 7)
  )
 )
 (func $6 (type $0)
  (local $0 i64)
  (local $1 i32)
  (local.set $0
   (global.get $global$1)
  )
  (local.set $1
   (global.get $global$2)
  )
  (if
   (i64.lt_s
    (local.tee $0
     (i64.sub
      (local.get $0)
      (i64.const 811)
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
    (local.tee $1
     (i32.sub
      (local.get $1)
      (i32.const 16)
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
  (local.set $0
   (call $0
    (local.get $0)
    (local.get $1)
   )
  )
  (local.set $0
   (call $1
    (local.get $0)
    (local.get $1)
   )
  )
  (if
   (i64.lt_s
    (local.tee $0
     (i64.sub
      (local.get $0)
      (i64.const 2)
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
  (global.set $global$1
   (local.get $0)
  )
 )
 (func $7 (type $0)
  (global.set $global$1
   (call $0
    (global.get $global$1)
    (global.get $global$2)
   )
  )
 )
 (func $8 (type $0)
  (global.set $global$1
   (call $1
    (global.get $global$1)
    (global.get $global$2)
   )
  )
 )
)
