// The policy of the page lets no text become markup or a script. Workers are the exception: their files, from here, and no others.
type Policies = { createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => unknown };
const policies = (window as unknown as { trustedTypes?: Policies }).trustedTypes;
policies?.createPolicy('default', {
    createScriptURL: (text) => {
        const url = new URL(text, location.href);
        if (url.origin !== location.origin || !url.pathname.startsWith('/assets/')) throw new TypeError(`${url.href} is no script of this page`);
        return url.href;
    },
});
