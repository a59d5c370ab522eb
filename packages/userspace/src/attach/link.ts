/** A program attached somewhere. It ends with `detach`, with the app, or with the process. */
export interface Link extends Disposable {
  /** Where it is attached, in words. */
  readonly target: string;
  /** "link" when the kernel holds it as a BPF link; else the older interface that was used. */
  readonly mechanism: "link" | "perf-event" | "netlink";
  readonly attached: boolean;
  /** Detaches. Calling it twice does nothing. */
  detach(): void;
}

/** Makes a link of what ends it. `release` runs once. */
export function makeLink(target: string, mechanism: Link["mechanism"], release: () => void): Link {
  let attached = true;
  const detach = () => {
    if (!attached) return;
    attached = false;
    release();
  };
  return {
    target,
    mechanism,
    get attached() {
      return attached;
    },
    detach,
    [Symbol.dispose]: detach,
  };
}
