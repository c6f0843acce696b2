// The registers of a run between frames: phases change them, and a header is written from them while no frame
// runs. Little-endian, as the machine module has them.
export const REGISTERS_BYTES = 64;

/** Status of a state (docs/machine.md section 1). */
export const RunStatus = { phase: 0, run: 1, halted: 2, stuck: 3 } as const;

export class Registers {
  readonly bytes = new Uint8Array(REGISTERS_BYTES);
  readonly view = new DataView(this.bytes.buffer);
  get status(): number {
    return this.view.getUint32(52, true);
  }
  get phase(): number {
    return this.view.getUint32(56, true);
  }
  get resume(): number {
    return this.view.getUint32(48, true);
  }
  get gas(): bigint {
    return this.view.getBigInt64(24, true);
  }
  get depth(): number {
    return this.view.getUint32(16, true);
  }
  /** Writes all of them into a header. */
  writeTo(header: Uint8Array): void {
    const view = new DataView(header.buffer, header.byteOffset + 224, 32);
    for (let at = 0; at < 20; at += 4) view.setUint32(at, this.view.getUint32(at, true));
    view.setBigInt64(20, this.gas);
    view.setUint8(28, this.status);
    view.setUint8(29, this.phase);
    view.setUint16(30, this.resume);
  }
  goTo(phase: number, resume = 0): void {
    this.view.setUint32(52, RunStatus.phase, true);
    this.view.setUint32(56, phase, true);
    this.view.setUint32(48, resume, true);
  }
}
