// The three calls of WASI that the judge makes (the file's name is the Wasm import module): read stdin, write
// stdout, exit. All return an errno, 0 for success. Nothing else of the system is asked for: no clock, no
// randomness, no files, no arguments.

/** Reads into `iovsCount` pairs { u32 address, u32 length } at `iovs`; bytes read at `done`, 0 at the end. */
export declare function fd_read(fd: u32, iovs: usize, iovsCount: u32, done: usize): u32;
/** Writes them; bytes written at `done`. */
export declare function fd_write(fd: u32, iovs: usize, iovsCount: u32, done: usize): u32;
/** Does not return. */
export declare function proc_exit(code: u32): void;
