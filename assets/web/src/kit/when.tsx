// A moment as people say it; the whole of it, with its time zone, for whoever points at it.
import { ago, day, exactly, moment } from '../i18n';

const FORMS = { ago, day, moment, hour: (at: string) => ago(at, undefined, 'hour') };
export const When = ({ at, as = 'ago', className = 'soft' }: { at: string; as?: keyof typeof FORMS; className?: string }) => (
    <time className={className} dateTime={at} title={exactly(at)}>{FORMS[as](at)}</time>
);
