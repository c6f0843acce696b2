(module
 (type $0 (func (param i32 i64 i32) (result i32 i64)))
 (type $1 (func (result i32 i64)))
 (type $2 (func (param i32) (result i32)))
 (type $3 (func (param i32 i32 i64 i32) (result i32 i64)))
 (type $4 (func))
 (type $5 (func (param i32 i32) (result i32)))
 (import "env" "storage_open" (func $fimport$0 (type $2) (param i32) (result i32)))
 (global $global$0 (mut i64) (i64.const 0))
 (global $global$1 (mut i32) (i32.const 0))
 (global $global$2 (mut i32) (i32.const 0))
 (table $0 4 4 funcref)
 (elem $0 (i32.const 1) $0 $2)
 (export "apply" (func $4))
 (export "plasma:reset" (func $3))
 (export "plasma:gas" (global $global$0))
 (export "plasma:depth" (global $global$1))
 (export "plasma:trap" (global $global$2))
 (func $0 (type $0) (param $0 i32) (param $1 i64) (param $2 i32) (result i32 i64)
  (if
   (i64.lt_s
    (local.tee $1
     (i64.sub
      (local.get $1)
      (i64.const 5)
     )
    )
    (i64.const 0)
   )
   (then
    (global.set $global$2
     (i32.const 1)
    )
    (unreachable)
   )
  )
  (tuple.make 2
   (i32.shl
    (local.get $0)
    (i32.const 1)
   )
   (local.get $1)
  )
 )
 (func $1 (type $3) (param $0 i32) (param $1 i32) (param $2 i64) (param $3 i32) (result i32 i64)
  (local $4 i32)
  (local $scratch (tuple i32 i64))
  (block $block
   (br_if $block
    (i64.lt_s
     (local.tee $2
      (i64.sub
       (local.get $2)
       (i64.const 12)
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
       (i32.const 39)
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
     (tuple.extract 2 0
      (local.tee $scratch
       (call_indirect $0 (type $0)
        (local.get $1)
        (block (result i64)
         (local.set $4
          (local.get $0)
         )
         (local.get $2)
        )
        (local.get $3)
        (local.get $4)
       )
      )
     )
     (block (result i64)
      (local.set $2
       (tuple.extract 2 1
        (local.get $scratch)
       )
      )
      (br_if $block
       (i64.lt_s
        (local.tee $2
         (i64.sub
          (local.get $2)
          (i64.const 2)
         )
        )
        (i64.const 0)
       )
      )
      (local.get $2)
     )
    )
   )
  )
  (global.set $global$2
   (i32.const 1)
  )
  (unreachable)
 )
 (func $2 (type $0) (param $0 i32) (param $1 i64) (param $2 i32) (result i32 i64)
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
    (global.set $global$2
     (i32.const 1)
    )
    (unreachable)
   )
  )
  (global.set $global$0
   (local.get $1)
  )
  (global.set $global$1
   (local.get $2)
  )
  (tuple.make 2
   (call $fimport$0
    (local.get $0)
   )
   (global.get $global$0)
  )
 )
 (func $3 (type $4)
 )
 (func $4 (type $5) (param $0 i32) (param $1 i32) (result i32)
  (local $scratch (tuple i32 i64))
  (local $scratch_3 i32)
  (local.set $scratch_3
   (tuple.extract 2 0
    (local.tee $scratch
     (call $1
      (local.get $0)
      (local.get $1)
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
  (local.get $scratch_3)
 )
)
