(module
 (type $0 (func (param i32) (result i32)))
 (type $1 (func (param i32 i32)))
 (type $2 (func (param i32 i32 i64) (result i32 i64)))
 (type $3 (func (param i32 i64 i32) (result i32 i64)))
 (type $4 (func (param i32 i32 i64) (result i64)))
 (type $5 (func))
 (type $6 (func (result i32 i64)))
 (import "env" "revert" (func $fimport$0 (type $1) (param i32 i32)))
 (global $global$0 (mut i64) (i64.const 0))
 (global $global$1 (mut i32) (i32.const 0))
 (global $global$2 (mut i32) (i32.const 0))
 (memory $0 1 256)
 (data $0 "\03\00\00\00\n\00\00\00\14\00\00\00\1e\00\00\00")
 (export "sum" (func $5))
 (export "plasma:memory" (memory $0))
 (export "plasma:reset" (func $4))
 (export "plasma:gas" (global $global$0))
 (export "plasma:depth" (global $global$1))
 (export "plasma:trap" (global $global$2))
 (func $0 (type $2) (param $0 i32) (param $1 i32) (param $2 i64) (result i32 i64)
  (local $3 i32)
  (tuple.make 2
   (block $block (result i32)
    (if
     (i64.lt_s
      (local.tee $2
       (i64.sub
        (local.get $2)
        (i64.const 21)
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
     (i32.ge_u
      (local.get $1)
      (i32.load
       (local.get $0)
      )
     )
     (then
      (local.set $2
       (i64.sub
        (local.get $2)
        (i64.const 8)
       )
      )
      (drop
       (call $2
        (i32.const 0)
        (i32.const 0)
        (local.get $2)
       )
      )
      (unreachable)
     )
    )
    (local.set $3
     (i32.add
      (local.get $0)
      (i32.shl
       (local.get $1)
       (i32.const 2)
      )
     )
    )
    (if
     (i32.eqz
      (local.get $3)
     )
     (then
      (local.set $2
       (i64.sub
        (local.get $2)
        (i64.const 3)
       )
      )
      (br $block
       (i32.const -1)
      )
     )
    )
    (local.set $2
     (i64.sub
      (local.get $2)
      (i64.const 4)
     )
    )
    (i32.load offset=4
     (local.get $3)
    )
   )
   (local.get $2)
  )
 )
 (func $1 (type $3) (param $0 i32) (param $1 i64) (param $2 i32) (result i32 i64)
  (local $3 i32)
  (local $4 i32)
  (local $5 i32)
  (local $6 i32)
  (local $7 i32)
  (local $scratch i32)
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
       (i32.const 62)
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
   (loop $label
    (if
     (i32.lt_u
      (local.get $3)
      (local.get $0)
     )
     (then
      (br_if $block
       (i64.lt_s
        (local.tee $1
         (i64.sub
          (local.get $1)
          (i64.const 20)
         )
        )
        (i64.const -15)
       )
      )
      (local.set $4
       (i32.add
        (local.get $4)
        (block (result i32)
         (local.set $5
          (block (result i32)
           (local.set $scratch
            (i32.const 0)
           )
           (local.set $6
            (local.get $3)
           )
           (local.get $scratch)
          )
         )
         (local.set $7
          (i32.const 0)
         )
         (block $block1 (result i32)
          (br_if $block
           (i64.lt_s
            (local.tee $1
             (i64.sub
              (local.get $1)
              (i64.const 21)
             )
            )
            (i64.const 0)
           )
          )
          (if
           (i32.ge_u
            (local.get $6)
            (i32.load
             (local.get $5)
            )
           )
           (then
            (local.set $1
             (i64.sub
              (local.get $1)
              (i64.const 8)
             )
            )
            (drop
             (call $2
              (i32.const 0)
              (i32.const 0)
              (local.get $1)
             )
            )
            (unreachable)
           )
          )
          (local.set $7
           (i32.add
            (local.get $5)
            (i32.shl
             (local.get $6)
             (i32.const 2)
            )
           )
          )
          (if
           (i32.eqz
            (local.get $7)
           )
           (then
            (local.set $1
             (i64.sub
              (local.get $1)
              (i64.const 3)
             )
            )
            (br $block1
             (i32.const -1)
            )
           )
          )
          (local.set $1
           (i64.sub
            (local.get $1)
            (i64.const 4)
           )
          )
          (i32.load offset=4
           (local.get $7)
          )
         )
        )
       )
      )
      (local.set $3
       (i32.add
        (local.get $3)
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
      (i64.const 2)
     )
    )
   )
   (return
    (tuple.make 2
     (local.get $4)
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
 (func $2 (type $4) (param $0 i32) (param $1 i32) (param $2 i64) (result i64)
  (if
   (i64.lt_s
    (local.tee $2
     (i64.sub
      (local.get $2)
      (i64.const 73)
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
   (i64.lt_s
    (local.tee $2
     (i64.sub
      (local.get $2)
      (i64.mul
       (i64.shr_u
        (i64.add
         (i64.extend_i32_u
          (local.get $1)
         )
         (i64.const 127)
        )
        (i64.const 7)
       )
       (i64.const 10)
      )
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
   (local.get $2)
  )
  (call $fimport$0
   (local.get $0)
   (local.get $1)
  )
  (global.get $global$0)
 )
 (func $3 (type $0) (param $0 i32) (result i32)
  (if
   (i32.gt_u
    (local.get $0)
    (i32.sub
     (i32.const 256)
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
    (global.set $global$2
     (i32.const 3)
    )
    (unreachable)
   )
  )
  (local.get $0)
 )
 (func $4 (type $5)
  (memory.fill
   (i32.const 0)
   (i32.const 0)
   (i32.shl
    (memory.size)
    (i32.const 16)
   )
  )
  (memory.init $0
   (i32.const 0)
   (i32.const 0)
   (i32.const 16)
  )
 )
 (func $5 (type $0) (param $0 i32) (result i32)
  (local $scratch (tuple i32 i64))
  (local $scratch_2 i32)
  (local.set $scratch_2
   (tuple.extract 2 0
    (local.tee $scratch
     (call $1
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
