/** Faults on purpose, for tests of what happens when the compiler fails. */

/** A step of the compiler that a fault can be put into, with the file, class or function that it works on. */
export type FaultStage = "check" | "class" | "lower" | "optimize" | "generate" | "emit" | "link";

type Fault = (stage: FaultStage, name: string) => void;

let fault: Fault | null = null;

/**
 * Calls `next` at each step from now on, to throw from it; null takes it away.
 * @internal for tests only
 */
export function injectFault(next: Fault | null): void {
  fault = next;
}

/**
 * A step begins. Does nothing outside of tests.
 * @internal
 */
export function faultPoint(stage: FaultStage, name: string): void {
  fault?.(stage, name);
}
