// The policy of the page lets no text become markup or a script. The exceptions: workers, by their files from here and no others; and to
// empty an element, as charts do with theirs.
type Rules = { createScriptURL: (url: string) => string; createHTML: (text: string) => string };
type Policies = { createPolicy: (name: string, rules: Rules) => unknown };
const policies = (window as unknown as { trustedTypes?: Policies }).trustedTypes;
policies?.createPolicy('default', {
    createScriptURL: (text) => {
        const url = new URL(text, location.href);
        if (url.origin !== location.origin || !url.pathname.startsWith('/assets/')) throw new TypeError(`${url.href} is no script of this page`);
        return url.href;
    },
    createHTML: (text) => {
        if (text !== '') throw new TypeError('no text becomes markup on this page');
        return '';
    },
});
