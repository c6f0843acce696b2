(module
 (type $0 (func))
 (type $1 (func (param i32 i64) (result i64 i64)))
 (type $2 (func (param i64 i32) (result i64)))
 (type $3 (func (result i64 i64)))
 (global $global$0 (mut i64) (i64.const 0))
 (global $global$1 (mut i32) (i32.const 0))
 (global $global$2 (mut i32) (i32.const 0))
 (export "main" (func $4))
 (export "plasma:reset" (func $2))
 (export "plasma:enter" (func $3))
 (export "plasma:gas" (global $global$0))
 (export "plasma:depth" (global $global$1))
 (export "plasma:trap" (global $global$2))
 (func $0 (type $1) (param $0 i32) (param $1 i64) (result i64 i64)
  (local $2 i64)
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
   (block $block1
    (loop $label
     (br_if $block
      (i64.lt_s
       (local.tee $1
        (i64.sub
         (local.get $1)
         (i64.const 4)
        )
       )
       (i64.const 0)
      )
     )
     (br_if $block1
      (i32.eqz
       (local.get $0)
      )
     )
     (local.set $1
      (i64.sub
       (local.get $1)
       (i64.const 11)
      )
     )
     (local.set $2
      (i64.add
       (local.get $2)
       (i64.extend_i32_u
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
    (unreachable)
   )
   (return
    (tuple.make 2
     (local.get $2)
     (local.get $1)
    )
   )
  )
  (global.set $global$2
   (i32.const 1)
  )
  (unreachable)
 )
 (func $1 (type $2) (param $0 i64) (param $1 i32) (result i64)
  (local $scratch (tuple i64 i64))
  (local $scratch_3 i64)
  (block $block
   (br_if $block
    (i64.lt_s
     (local.tee $0
      (i64.sub
       (local.get $0)
       (i64.const 9)
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
       (i32.const 37)
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
   (drop
    (block (result i64)
     (local.set $scratch_3
      (tuple.extract 2 0
       (local.tee $scratch
        (call $0
         (i32.const 9)
         (local.get $0)
        )
       )
      )
     )
     (local.set $0
      (tuple.extract 2 1
       (local.get $scratch)
      )
     )
     (local.get $scratch_3)
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
  (global.set $global$2
   (i32.const 1)
  )
  (unreachable)
 )
 (func $2 (type $0)
 )
 (func $3 (type $0)
  (local $0 i64)
  (local $1 i32)
  (local.set $0
   (global.get $global$0)
  )
  (local.set $1
   (global.get $global$1)
  )
  (if
   (i64.lt_s
    (local.tee $0
     (i64.sub
      (local.get $0)
      (i64.const 607)
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
    (global.set $global$2
     (i32.const 2)
    )
    (unreachable)
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
    (global.set $global$2
     (i32.const 1)
    )
    (unreachable)
   )
  )
  (global.set $global$0
   (local.get $0)
  )
 )
 (func $4 (type $0)
  (global.set $global$0
   (call $1
    (global.get $global$0)
    (global.get $global$1)
   )
  )
 )
)
