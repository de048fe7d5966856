// What was recorded in this browser and never used: to be heard, used after all, or thrown away.
import { useEffect, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { forget, recorded, whenTaken, type Recorded as Kept } from '../api/pieces';
import { queries, useSession } from '../app/queries';
import { clock, t } from '../i18n';
import { Action, Notice } from '../kit/bits';
import { Confirm } from '../kit/overlay';

const KEY = ['recorded'];
export const recordedAnew = () => queries.invalidateQueries({ queryKey: KEY });
whenTaken(() => void recordedAnew());

export function Recorded({ onFile }: { onFile: (file: File) => void }) {
    const user = useSession()?.id ?? '';
    const kept = useQuery({ queryKey: [...KEY, user], queryFn: () => recorded(user), enabled: !!user, staleTime: 0 });
    return kept.data?.map((one) => <One key={one.key} one={one} onFile={onFile} />);
}

function One({ one, onFile }: { one: Kept; onFile: (file: File) => void }) {
    const [url, setUrl] = useState('');
    const [asking, ask] = useState(false);
    useEffect(() => {
        const made = URL.createObjectURL(one.file);
        setUrl(made);
        return () => URL.revokeObjectURL(made);
    }, [one.file]);
    const gone = () => forget(one.key).then(recordedAnew);
    return (
        <Notice tone="warn" icon="mic">
            <div className="stack tight">
                <p><strong>{t('recorded_left', { length: clock(one.ms) })}</strong> <span className="soft">{one.name}</span></p>
                <audio className="heard" src={url} controls aria-label={one.name} />
                <div className="row wrap">
                    <Action look="primary" icon="upload" onPress={() => onFile(one.file)}>{t('use_recording')}</Action>
                    <Action onPress={() => ask(true)}>{t('throw_away')}</Action>
                </div>
            </div>
            <Confirm title={t('throw_away')} text={t('throw_away_text', { length: clock(one.ms) })} action={t('throw_away')} open={asking} onClose={() => ask(false)} onYes={gone} />
        </Notice>
    );
}
