/**
 * Gives accesses whose region is unknown the one that their pointer's origin says, once inlining has shown it: a
 * reference to a struct may be to the stack, a packet or a map, and only the first may be forwarded or made wider.
 */
import { helperByName } from "@waggle/object";
import { controlFlow } from "../ir/analysis/control-flow.js";
import type { Instruction, IrFunction, Region, ValueId } from "../ir/types.js";

/** The function with fewer unknown regions. */
export function inferRegions(f: IrFunction): IrFunction {
  const flow = controlFlow(f);
  const regions = new Map<ValueId, Region>();
  for (const id of flow.reversePostorder) {
    for (const instruction of flow.blocks.get(id)?.instructions ?? []) {
      const region = originOf(instruction, regions);
      if (instruction.result !== null && region !== null) regions.set(instruction.result, region);
    }
  }
  const known = (region: Region, pointer: ValueId) =>
    region === "unknown" ? (regions.get(pointer) ?? region) : region;
  const rewrite = (instruction: Instruction): Instruction => {
    switch (instruction.op) {
      case "load":
      case "store":
      case "zero": {
        const region = known(instruction.region, instruction.pointer);
        return region === instruction.region ? instruction : { ...instruction, region };
      }
      case "copy": {
        const targetRegion = known(instruction.targetRegion, instruction.target);
        const sourceRegion = known(instruction.sourceRegion, instruction.source);
        return { ...instruction, targetRegion, sourceRegion };
      }
      default:
        return instruction;
    }
  };
  return {
    ...f,
    blocks: f.blocks.map((block) => ({ ...block, instructions: block.instructions.map(rewrite) })),
  };
}

/** What memory an instruction's result points to; null when that is not known. */
function originOf(instruction: Instruction, regions: ReadonlyMap<ValueId, Region>): Region | null {
  switch (instruction.op) {
    case "slot":
      return "stack";
    case "offset":
      return regions.get(instruction.pointer) ?? null;
    case "load":
      return instruction.type === "ptr" && instruction.region === "context" && instruction.width === 4
        ? "packet"
        : null;
    case "helper": {
      const args = helperByName(instruction.helper)?.args;
      return instruction.type === "ptr" && args?.includes("map-key") === true ? "map" : null;
    }
    default:
      return null;
  }
}
