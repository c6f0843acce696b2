// Watches the frames of one transaction on the machine and keeps the tree of calls and the list of host
// calls. A call from a contract is a node of the tree also where no code runs at its target or it is
// refused; what the trace shows of a node is settled when it ends.
import type { ContractAbi } from "../abi/abi.ts";
import { decodeCall, decodeInit } from "../abi/decode-call.ts";
import { decodeResult } from "../abi/decode-result.ts";
import { decodeRevert } from "../abi/decode-revert.ts";
import type { AbiValue } from "../abi/decode-value.ts";
import { SYSTEM_ADDRESS } from "../chain/genesis.ts";
import { equalBytes, fromHex, type Hex, toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import { CALL_DEPTH_MAX, LIVE_PAGES_MAX } from "../limits.ts";
import type { MachineFrame } from "../machine/machine.ts";
import type { MachineWatch } from "../machine/machine-runner.ts";
import { CallStatus } from "../outcome.ts";
import { sizesOfRecord } from "../program/code-record.ts";
import type { HostCallName } from "../rules/host-call-names.ts";
import { isLocked, readAccount, readCodeRecord } from "../sandbox/account.ts";
import type { Frame, FrameEnd } from "../sandbox/frame.ts";
import type { ContractNames, ModuleNames } from "./contract-names.ts";
import {
  callRequestOf,
  detailsAfter,
  detailsBefore,
  type HostCallView,
  noteHash,
  shownBytes,
} from "./host-call-details.ts";
import { NO_STACK, nativeStack } from "./native-stack.ts";
import { StorageNames } from "./storage-names.ts";
import { HOST_CALLS_LISTED, type TracedCall, type TracedHostCall } from "./trace.ts";
import { trapReason } from "./trap-reason.ts";

type Building<T> = { -readonly [Key in keyof T]: T[Key] };
type BuildingCall = Omit<Building<TracedCall>, "calls"> & { calls: BuildingCall[] };

const statuses = ["success", "revert", "trap", "refused"] as const;

interface Contract {
  readonly module: ModuleNames;
  readonly storage: StorageNames | undefined;
}

interface OpenFrame {
  readonly frame: Frame;
  readonly call: BuildingCall;
  readonly abi: ContractAbi | undefined;
  readonly view: HostCallView;
  /** The host call under way. */
  host: { readonly name: HostCallName; readonly args: readonly number[] } | undefined;
  /** Its entry in the list, unless the list is full. */
  listed: Building<TracedHostCall> | undefined;
  /** The call that `host` makes, before anything of it ran. */
  child: BuildingCall | undefined;
}

export class CallRecorder implements MachineWatch {
  readonly calls: BuildingCall[] = [];
  readonly hostCalls: TracedHostCall[] = [];
  hostCallsOmitted = 0;
  words = 0n;
  readonly #names: ContractNames;
  readonly #open: OpenFrame[] = [];
  /** By address: a contract may be called again with keys that it hashed before. */
  readonly #contracts = new Map<Hex, Contract>();
  #count = 0;

  constructor(names: ContractNames) {
    this.#names = names;
  }

  begin(frame: Frame, guest: MachineFrame): void {
    const { wasm, codeRecord } = guest.program.prepared;
    const { module, storage } = this.#contract(
      toHex(frame.self),
      this.#names.module(wasm, codeRecord.wasmHash),
    );
    const above = this.#open.at(-1);
    const call = above?.child ?? this.#newCall(toHex(frame.self), toHex(frame.caller), frame.input);
    if (above !== undefined) above.child = undefined;
    (above?.call.calls ?? this.calls).push(call);
    const isPrepare = equalBytes(frame.self, SYSTEM_ADDRESS) && frame.callDepth === 1;
    Object.assign(call, {
      kind: isPrepare ? "prepare" : frame.deployment ? "deployment" : "call",
      contract: isPrepare ? null : (module.abi?.contract ?? null),
      value: frame.value,
      gasForwarded: BigInt(frame.gas),
      readOnly: frame.readOnly,
      ...methodOf(module.abi, frame, isPrepare),
    });
    this.#open.push({
      frame,
      call,
      abi: module.abi,
      view: { guest, module, storage, opened: undefined },
      host: undefined,
      listed: undefined,
      child: undefined,
    });
  }

  beforeHostCall(guest: MachineFrame, name: HostCallName, args: readonly number[]): void {
    const open = this.#running();
    open.host = { name, args };
    open.listed = undefined;
    if (this.hostCalls.length < HOST_CALLS_LISTED) {
      open.listed = {
        call: open.call.id,
        name,
        gasLeft: guest.gas,
        details: detailsBefore(name, open.view, args),
      };
      this.hostCalls.push(open.listed);
    } else {
      this.hostCallsOmitted += 1;
    }
    if (name !== "call") return;
    open.child = this.#childOf(open, args);
    if (open.listed !== undefined && open.child !== undefined) {
      open.listed.details = { ...open.listed.details, call: open.child.id };
    }
  }

  afterHostCall(_guest: MachineFrame, result: number | undefined): void {
    const open = this.#running();
    const { host, listed, child } = open;
    if (host === undefined) return;
    if (host.name === "keccak256") noteHash(open.view, host.args);
    if (listed !== undefined) {
      const after = detailsAfter(host.name, open.view, host.args, result);
      listed.details = { ...listed.details, ...after };
    }
    if (child !== undefined) {
      // No code ran: value moved, or the call was refused.
      child.kind = result === CallStatus.refused ? "call" : "transfer";
      child.status = statuses[result ?? 0] ?? "refused";
      if (child.status === "refused") child.refused = refusalOf(open, child);
      open.call.calls.push(child);
      open.child = undefined;
    }
    open.host = undefined;
  }

  end(guest: MachineFrame, end: FrameEnd): void {
    const { call, abi, host } = this.#running();
    this.#open.pop();
    this.words += guest.steps;
    const reverted = end.status === CallStatus.revert;
    const trapped = end.status === CallStatus.trap;
    const stopped = reverted || trapped ? nativeStack(guest, this.#names, call.method) : NO_STACK;
    const abis = [...(abi === undefined ? [] : [abi]), ...this.#names.abis()];
    Object.assign(call, {
      status: statuses[end.status],
      words: guest.steps,
      gasUsed: call.gasForwarded - BigInt(end.gasLeft),
      output: shownBytes(end.output),
      outputBytes: end.output.length,
      result: end.status === CallStatus.success ? resultOf(abi, call, end.output) : null,
      revert: reverted ? decodeRevert(abis, end.output) : null,
      trap: trapped ? trapReason(guest, end, host?.name) : null,
      ...stopped,
    });
  }

  /** Names of the contract at an address, where one of its frames ran. */
  moduleAt(address: Hex): ModuleNames | undefined {
    return this.#contracts.get(address)?.module;
  }

  #running(): OpenFrame {
    return this.#open.at(-1) as OpenFrame;
  }

  #childOf({ view, call }: OpenFrame, args: readonly number[]): BuildingCall | undefined {
    const request = callRequestOf(view, args);
    if (request === undefined) return undefined;
    const child = this.#newCall(toHex(request.to), call.to, request.input);
    const { gas } = view.guest;
    const available = gas - gas / 64n;
    child.value = request.value;
    child.gasForwarded = request.gasCap < available ? request.gasCap : available;
    child.readOnly = call.readOnly;
    return child;
  }

  #newCall(to: Hex, caller: Hex, input: Uint8Array): BuildingCall {
    const id = this.#count;
    this.#count += 1;
    return {
      id,
      kind: "call",
      ...{ to, caller, contract: null, method: null, args: null },
      ...{ input: shownBytes(input) as Hex, inputBytes: input.length },
      ...{ value: 0n, gasForwarded: 0n, gasUsed: 0n, words: 0n, readOnly: false },
      ...{ status: "success", refused: null, output: "0x", outputBytes: 0 },
      ...{ result: null, revert: null, trap: null, ...NO_STACK, calls: [] },
    };
  }

  #contract(address: Hex, module: ModuleNames): Contract {
    let contract = this.#contracts.get(address);
    if (contract === undefined) {
      const { abi } = module;
      contract = { module, storage: abi === undefined ? undefined : new StorageNames(abi) };
      this.#contracts.set(address, contract);
    }
    return contract;
  }
}

/** Why a call was refused: the checks of sandbox/call-contract.ts, in their order. */
function refusalOf({ frame, view }: OpenFrame, { to, value }: BuildingCall): string {
  const { state } = frame.transaction;
  if (frame.callDepth >= CALL_DEPTH_MAX) return `${CALL_DEPTH_MAX} contracts are running`;
  if (value > 0n) {
    if (frame.readOnly) return "value cannot move from a read-only frame";
    const { balance } = readAccount(state, frame.self);
    if (balance < value) return `the caller has ${balance}, less than the value`;
  }
  const target = fromHex(to, 20);
  if (isLocked(state, target)) return "the target is running and did not allow calls back";
  const record = readCodeRecord(state, target);
  const { pagesInitial = 0 } = record === undefined ? {} : sizesOfRecord(record);
  const pages = frame.livePages + view.guest.pages + pagesInitial;
  if (pages > LIVE_PAGES_MAX) return "no more memory may be live";
  return "the block has no room for more code";
}

function methodOf(
  abi: ContractAbi | undefined,
  frame: Frame,
  isPrepare: boolean,
): Pick<TracedCall, "method" | "args"> {
  if (isPrepare) return { method: "prepare", args: { wasmBytes: frame.input.length } };
  if (abi === undefined) return { method: null, args: null };
  const decoded = frame.deployment ? decodeInit(abi, frame.input) : decodeCall(abi, frame.input);
  return { method: decoded?.method ?? null, args: decoded?.args ?? null };
}

/** What a method returned, by the ABI; null where there is nothing or it does not decode. */
function resultOf(
  abi: ContractAbi | undefined,
  { kind, method }: BuildingCall,
  output: Uint8Array,
): AbiValue | null {
  if (abi === undefined || method === null || kind !== "call") return null;
  try {
    return decodeResult(abi, method, output) ?? null;
  } catch (error) {
    if (error instanceof EngineError) return null;
    throw error;
  }
}
