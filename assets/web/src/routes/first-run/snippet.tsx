// What is to be written into the appliance's file of settings, which nobody changes over the network: made here, copied, taken up at a start.
import type { Schemas } from '../../api/client';
import { toml, type Section } from '../../app/first-run';
import { t } from '../../i18n';
import { Action, Notice } from '../../kit/bits';
import { tell, tellError } from '../../kit/toast';

const START = 'audiagram config check && systemctl restart audiagram';

export function Snippet({ section, configuration: { file, stale, fault } }: { section: Section; configuration: Schemas['Configuration'] }) {
    return (
        <div className="stack tight">
            <p className="small">{t('run_into_file', { file: file ?? '/etc/audiagram/audiagram.toml' })}</p>
            <Lines label={t('run_lines')} text={toml(section)} />
            <p className="small">{t('run_then_start')}</p>
            <Lines label={t('run_command')} text={START} />
            {fault && <Notice tone="bad"><strong>{t('setting_fault')}</strong><p className="small mono">{fault}</p></Notice>}
            {stale && <Notice tone="warn">{t('setting_stale')}</Notice>}
        </div>
    );
}

function Lines({ label, text }: { label: string; text: string }) {
    const copy = () => void navigator.clipboard.writeText(text).then(() => tell(t('copied')), tellError);
    return (
        <div className="code-block lines">
            <pre className="grow mono" tabIndex={0} role="group" aria-label={label} dir="ltr">{text}</pre>
            <Action icon="copy" aria-label={`${t('copy')}: ${label}`} onPress={copy} />
        </div>
    );
}
