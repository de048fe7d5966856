// The frame of the pages before one is signed in.
import { useEffect, type ReactNode } from 'react';
import { t } from '../i18n';

export function Front({ title, intro, children }: { title: string; intro: string; children: ReactNode }) {
    useEffect(() => {
        document.title = `${title} – Audiagram`;
    }, [title]);
    return (
        <div className="front">
            <main className="sheet">
                <div className="brand">
                    <img src="/icon.svg" alt="" width="32" height="32" /> Audiagram
                </div>
                <div className="stack tight">
                    <h1>{title}</h1>
                    <p className="soft">{intro}</p>
                </div>
                {children}
            </main>
            <div className="scene" aria-hidden="true">
                <Talk />
            </div>
        </div>
    );
}

/** What the product does, in one picture: a voice becomes a diagram. */
function Talk() {
    const bars = [14, 30, 54, 38, 70, 96, 62, 84, 44, 58, 26, 40, 18];
    return (
        <svg viewBox="0 0 544 400" className="talk">
            {bars.map((height, i) => (
                <rect key={i} className={i < 8 ? 'said' : 'to-say'} x={36 + i * 37} y={80 - height / 2} width="9" height={height} rx="4.5" />
            ))}
            <path className="line" d="M272 140v44M272 240v20M272 260H136v22M272 260h136v22" />
            <g className="box strong"><rect x="182" y="184" width="180" height="56" rx="12" /><text x="272" y="218">{t('sample_check')}</text></g>
            <g className="box"><rect x="46" y="284" width="180" height="56" rx="12" /><text x="136" y="318">{t('sample_pack')}</text></g>
            <g className="box next"><rect x="318" y="284" width="180" height="56" rx="12" /><text x="408" y="318">{t('sample_more')}</text></g>
        </svg>
    );
}
