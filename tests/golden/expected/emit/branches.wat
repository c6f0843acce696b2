(module
 (type $0 (func))
 (type $1 (func (param i32 i64) (result i32 i64)))
 (type $2 (func (param i64 i32) (result i64)))
 (global $global$0 (mut i64) (i64.const 0))
 (global $global$1 (mut i32) (i32.const 0))
 (global $global$2 (mut i32) (i32.const 0))
 (export "main" (func $4))
 (export "plasma:reset" (func $2))
 (export "plasma:enter" (func $3))
 (export "plasma:gas" (global $global$0))
 (export "plasma:depth" (global $global$1))
 (export "plasma:trap" (global $global$2))
 (func $0 (type $1) (param $0 i32) (param $1 i64) (result i32 i64)
  (local $scratch i32)
  (tuple.make 2
   (block $block (result i32)
    (if
     (i64.lt_s
      (local.tee $1
       (i64.sub
        (local.get $1)
        (i64.const 6)
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
      (local.get $0)
      (i32.const 0)
     )
     (then
      (local.set $1
       (i64.sub
        (local.get $1)
        (i64.const 3)
       )
      )
      (br $block
       (i32.const -1)
      )
     )
    )
    (local.set $1
     (i64.sub
      (local.get $1)
      (i64.const 5)
     )
    )
    (block $block1 (result i32)
     (drop
      (block (result i32)
       (local.set $scratch
        (br_if $block1
         (i32.const 0)
         (i32.eqz
          (local.get $0)
         )
        )
       )
       (local.set $1
        (i64.sub
         (local.get $1)
         (i64.const 3)
        )
       )
       (local.get $scratch)
      )
     )
     (i32.const 1)
    )
   )
   (local.get $1)
  )
 )
 (func $1 (type $2) (param $0 i64) (param $1 i32) (result i64)
  (local $2 i32)
  (local $scratch i32)
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
       (i32.const 36)
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
   (local.set $2
    (i32.const -5)
   )
   (drop
    (block $block1 (result i32)
     (br_if $block
      (i64.lt_s
       (local.tee $0
        (i64.sub
         (local.get $0)
         (i64.const 6)
        )
       )
       (i64.const 0)
      )
     )
     (if
      (i32.lt_s
       (local.get $2)
       (i32.const 0)
      )
      (then
       (local.set $0
        (i64.sub
         (local.get $0)
         (i64.const 3)
        )
       )
       (br $block1
        (i32.const -1)
       )
      )
     )
     (local.set $0
      (i64.sub
       (local.get $0)
       (i64.const 5)
      )
     )
     (block $block2 (result i32)
      (drop
       (block (result i32)
        (local.set $scratch
         (br_if $block2
          (i32.const 0)
          (i32.eqz
           (local.get $2)
          )
         )
        )
        (local.set $0
         (i64.sub
          (local.get $0)
          (i64.const 3)
         )
        )
        (local.get $scratch)
       )
      )
      (i32.const 1)
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
