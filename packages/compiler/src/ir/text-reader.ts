/** Splits the text form into tokens and reads them one by one. Line breaks do not matter; `#` begins a comment. */

/** Text that is not IR: what was expected, what was found, and the line. */
export class IrSyntaxError extends Error {
  override readonly name = "IrSyntaxError";

  constructor(
    message: string,
    /** Counts from 1. */
    readonly line: number,
  ) {
    super(`line ${line}: ${message}`);
  }
}

interface Token {
  readonly text: string;
  readonly line: number;
}

const tokenPattern =
  /\s+|#[^\n]*|"(?:[^"\\]|\\.)*"|->|@\d+(?::\d+:\d+)?|0x[0-9a-fA-F]*|[+-]?\d+|compare-exchange\.\w+|%?[A-Za-z_.$][\w.$]*|[(){}[\],:;=*]/gy;

/** A cursor over the tokens of a text. */
export class TextReader {
  readonly #tokens: readonly Token[];
  #next = 0;

  /** @throws IrSyntaxError at a character that begins no token */
  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  /** The next token's text without taking it; "" at the end. */
  peek(): string {
    return this.#tokens[this.#next]?.text ?? "";
  }

  /** Takes the next token when it is `text`. */
  accept(text: string): boolean {
    if (this.peek() !== text) return false;
    this.#next += 1;
    return true;
  }

  /** Takes the next token, which must be `text`. */
  expect(text: string): void {
    if (!this.accept(text)) this.fail(`expected "${text}"`);
  }

  /** Takes the next token, which must match. */
  take(pattern: RegExp, what: string): string {
    const text = this.peek();
    if (!pattern.test(text)) this.fail(`expected ${what}`);
    this.#next += 1;
    return text;
  }

  /** A bare word or a quoted string. */
  name(what: string): string {
    return this.peek().startsWith('"') ? this.string(what) : this.take(/^[A-Za-z_.$][\w.$]*$/, what);
  }

  /** A quoted string. */
  string(what: string): string {
    const text = this.take(/^"/, what);
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : this.fail(`expected ${what}`);
  }

  /** An integer of any size, decimal or hexadecimal. */
  integer(what: string): bigint {
    return BigInt(this.take(/^(?:-?\d+|0x[0-9a-fA-F]+)$/, what));
  }

  /** An integer that a number holds. */
  number(what: string): number {
    return Number(this.integer(what));
  }

  /** One of the words given. */
  oneOf<Word extends string | number>(words: readonly Word[], what: string): Word {
    const text = this.peek();
    const word = words.find((candidate) => String(candidate) === text);
    if (word === undefined) return this.fail(`expected ${what} (${words.join(", ")})`);
    this.#next += 1;
    return word;
  }

  /** `open item, item close`, possibly empty. */
  list<Item>(open: string, close: string, item: () => Item): Item[] {
    const items: Item[] = [];
    this.expect(open);
    while (!this.accept(close)) {
      if (items.length > 0) this.expect(",");
      items.push(item());
    }
    return items;
  }

  /** @throws IrSyntaxError always, naming the token that is next */
  fail(message: string): never {
    const token = this.#tokens[this.#next];
    const found = token === undefined ? "the end" : `"${token.text}"`;
    throw new IrSyntaxError(`${message}, found ${found}`, (token ?? this.#tokens.at(-1))?.line ?? 1);
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let end = 0;
  for (const match of text.matchAll(tokenPattern)) {
    const [token] = match;
    end += token.length;
    if (!/^[\s#]/.test(token)) tokens.push({ text: token, line });
    line += token.split("\n").length - 1;
  }
  if (end < text.length) throw new IrSyntaxError(`"${text[end]}" begins nothing`, line);
  return tokens;
}
