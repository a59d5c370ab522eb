import type { App, LoadOptions } from "./app.js";
import { loadObject } from "./load/load.js";

/** A kernel class with its object, as the generated module of a project exports it. */
export interface BpfModule<C> {
  /** The bytes of the object file. */
  readonly object: Uint8Array;
  /**
   * Loads it into the running kernel. Needs Linux and CAP_BPF, with CAP_PERFMON or CAP_NET_ADMIN for most programs.
   * `canLoad()` tells beforehand.
   *
   * @throws LoadError, VerifierError, SystemCallError; nothing is left in the kernel then
   */
  load(options?: LoadOptions<C>): App<C>;
}

/**
 * Makes the module of a kernel class. Importing it does nothing but decode the text: it is safe on any system.
 *
 * @param base64 the object file
 * @param name of the object in the kernel's names of data sections
 */
export function bpfModule<C>(base64: string, name?: string): BpfModule<C> {
  const object = new Uint8Array(Buffer.from(base64, "base64"));
  return {
    object,
    load: (options: LoadOptions<C> = {}) => {
      const { config, maps, programs, ...common } = options;
      const app = loadObject(object, {
        ...(name !== undefined && { name }),
        ...common,
        ...(config !== undefined && { config: { ...config } }),
        ...(maps !== undefined && { maps: { ...maps } }),
        ...(programs !== undefined && { programs }),
      });
      // The object was compiled from C: this is where its names become types.
      return app as unknown as App<C>;
    },
  };
}
