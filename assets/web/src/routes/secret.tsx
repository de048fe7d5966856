import { Action } from '../kit/bits';
import { t } from '../i18n';
import { tell } from '../kit/toast';

/** Something that is shown once, to be copied. */
export function Secret({ label, text }: { label: string; text: string }) {
    const copy = async () => {
        await navigator.clipboard.writeText(text);
        tell(t('copied'));
    };
    return (
        <div className="stack tight" role="status">
            <p className="small">{label}</p>
            <div className="code-block">
                <code className="grow mono">{text}</code>
                <Action icon="copy" onPress={() => void copy()}>{t('copy')}</Action>
            </div>
        </div>
    );
}
