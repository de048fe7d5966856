// What a document without a window lacks, before anything of the page asks for it. Nothing has a size there.
if (typeof Element !== 'undefined') {
    globalThis.matchMedia ??= ((media: string) => ({ media, matches: false, addEventListener() {}, removeEventListener() {} })) as unknown as typeof matchMedia;
    globalThis.ResizeObserver ??= class {
        observe() {}
        unobserve() {}
        disconnect() {}
    };
    Element.prototype.scrollIntoView ??= () => {};
    globalThis.CSS ??= { escape: (text: string) => text.replaceAll(/[^\w-]/g, '\\$&') } as typeof CSS;
    // It has one that says on the console that there is nothing to scroll.
    globalThis.scrollTo = () => {};
}

export {};
