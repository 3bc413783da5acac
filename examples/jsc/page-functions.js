// What Minnow takes from a page and the jsc shell lacks. Import it first.
globalThis.TextDecoder ??= class {
  decode(bytes = new Uint8Array()) {
    let text = "";
    for (const byte of bytes) text += `%${byte.toString(16).padStart(2, "0")}`;
    return decodeURIComponent(text);
  }
};
globalThis.TextEncoder ??= class {
  encode(text = "") {
    const latin1 = unescape(encodeURIComponent(text));
    return Uint8Array.from(latin1, (byte) => byte.charCodeAt(0));
  }
};
