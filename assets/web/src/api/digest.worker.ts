// Reads a file once and tells its SHA-256, beside the page's own thread.
import { Sha256 } from './sha256';

self.onmessage = async (message: MessageEvent<Blob>) => {
    const sum = new Sha256();
    const reader = message.data.stream().getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) sum.update(piece.value);
    self.postMessage(sum.hex());
};
