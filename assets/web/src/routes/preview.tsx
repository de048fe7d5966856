// A small scene in the colours of a brand, before anything is rendered.
import light from '../../../themes/light.json';
import dark from '../../../themes/dark.json';
import type { Schemas } from '../api/client';
import { t } from '../i18n';
import { contrast, isColour, mixed } from './contrast';

export type Look = Schemas['BrandLook'];
const BASES = { light, dark };

/** The colours that a look asks for, over those of its base. */
export function themeOf(look: Look) {
    const theme = BASES[look.base ?? 'light'];
    const base = { background: theme.background, ink: theme.ink, line: theme.line, accent: theme.accent, tones: theme.tones.map(({ border }) => border) };
    const pick = (wanted: string | null | undefined, otherwise: string) => (wanted && isColour(wanted) ? wanted : otherwise);
    const tones = (look.tones ?? []).filter(isColour);
    return {
        base, tones: tones.length ? tones : base.tones,
        background: pick(look.background, base.background), ink: pick(look.ink, base.ink), line: pick(look.line, base.line), accent: pick(look.accent, base.accent),
    };
}

const BOXES = [[40, 120], [240, 120], [440, 60], [440, 180], [640, 120]] as const;
const LINES = ['M180 150H240', 'M380 150H410V90H440', 'M380 150H410V210H440', 'M580 90H610V150H640', 'M580 210H610V150H640'];
const FAMILIES: Record<string, string> = { inter: 'Inter Variable', noto_sans_devanagari: 'Noto Sans Devanagari', noto_sans_arabic: 'Noto Sans Arabic', noto_sans_hebrew: 'Noto Sans Hebrew' };
const words = () => [t('sample_order'), t('sample_check'), t('sample_pack'), t('sample_more'), t('sample_send')];

/** The colours of a banner: what is not chosen is the theme's ink, and what stands out from it. */
export function bannerOf(look: Look): { fill: string; ink: string } {
    const { background, ink } = themeOf(look);
    const own = (wanted: string | null | undefined) => (wanted && isColour(wanted) ? wanted : undefined);
    const fill = own(look.banner?.fill) ?? ink;
    return { fill, ink: own(look.banner?.ink) ?? [background, ink, '#000000', '#FFFFFF'].find((one) => contrast(one, fill) >= 4.5) ?? background };
}

/** What the words of a watermark look like. */
export const watermarkOf = (look: Look): string => {
    const { background, ink } = themeOf(look);
    return mixed(background, ink, (look.watermark?.opacity ?? 100) / 100);
};

export function Preview({ look, label, logo }: { look: Look; label: string; logo?: string }) {
    const theme = themeOf(look);
    const said = words();
    const { banner, watermark } = look;
    const strip = banner?.text.trim() ? { ...bannerOf(look), y: banner.edge === 'bottom' ? 281 : 0 } : undefined;
    const foot = strip?.y ? 270 : 278;
    return (
        <svg className="preview" viewBox="0 0 820 300" role="img" aria-label={label} fontFamily={`${FAMILIES[look.font ?? 'inter']}, sans-serif`}>
            <rect width="820" height="300" fill={theme.background} />
            <rect x="40" y="26" width="4" height="26" fill={theme.accent} />
            <text x="54" y="47" fontSize="22" fontWeight="640" fill={theme.ink}>{t('sample_shop')}</text>
            {LINES.map((line) => <path key={line} d={line} fill="none" stroke={theme.line} strokeWidth="2.5" />)}
            {BOXES.map(([x, y], i) => {
                const tone = theme.tones[i % theme.tones.length] ?? theme.accent;
                return (
                    <g key={said[i]}>
                        <rect x={x} y={y} width="140" height="60" rx="12" fill={theme.background} />
                        <rect x={x} y={y} width="140" height="60" rx="12" fill={tone} fillOpacity="0.14" stroke={tone} strokeWidth="2.5" />
                        <text x={x + 70} y={y + 36} fontSize="17" fontWeight="560" textAnchor="middle" fill={theme.ink}>{said[i]}</text>
                    </g>
                );
            })}
            {watermark && (watermark.text?.trim() ? <text x="40" y={foot} fontSize="13" fontWeight="600" fill={watermarkOf(look)}>{watermark.text}</text> : logo && <image href={logo} x="40" y={foot - 17} height="22" opacity={(watermark.opacity ?? 100) / 100} />)}
            {logo && <image href={logo} x="680" y={foot - 17} width="100" height="22" preserveAspectRatio="xMaxYMid meet" />}
            {strip && (
                <>
                    <rect y={strip.y} width="820" height="19" fill={strip.fill} />
                    <text x="410" y={strip.y + 14} fontSize="12" fontWeight="640" textAnchor="middle" fill={strip.ink}>{banner?.text}</text>
                </>
            )}
        </svg>
    );
}
