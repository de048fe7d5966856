// What compiled messages use: plural forms and numbers of a language.

export type Params = Record<string, string | number>;
export type Cases = Partial<Record<Intl.LDMLPluralRule, (p: Params) => string>> & { other: (p: Params) => string };

export function formatter(language: string) {
    const real = language === 'en-XA' ? 'en' : language;
    const numbers = new Intl.NumberFormat(real);
    const rules = new Intl.PluralRules(real);
    return {
        number: (n: number) => numbers.format(n),
        plural: (cases: Cases) => (p: Params) => (cases[rules.select(Number(p.n))] ?? cases.other)(p),
    };
}

export type Formatter = ReturnType<typeof formatter>;
