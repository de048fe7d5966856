// Asks for the second factor once more, for what needs a fresh one; what asked for it is sent again then.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { client } from '../api/client';
import { t } from '../i18n';
import { Action, Show } from '../kit/bits';
import { SendForm } from '../kit/form';
import { Window } from '../kit/overlay';
import { CodeField, ownFactorQuery } from './code-field';
import { queries, SESSION } from './queries';

export function StepUp({ told }: { told: (shown: boolean) => void }) {
    const own = useQuery({ ...ownFactorQuery, staleTime: 0 });
    const navigate = useNavigate();
    return (
        <Window title={t('confirm_factor')} open onOpen={(open) => !open && told(false)}>
            <Show of={own} lines={2}>
                {({ since }) => (since ? (
                    <SendForm submit={t('confirm')} also={<Action onPress={() => told(false)}>{t('cancel')}</Action>} onSend={async ({ code = '' }) => {
                        await client.POST('/v1/session/second-factor', { body: { code } });
                        await queries.invalidateQueries({ queryKey: SESSION });
                        told(true);
                    }}>
                        <p className="soft">{t('factor_needed')}</p>
                        <CodeField paper />
                    </SendForm>
                ) : (
                    <>
                        <p>{t('factor_missing')}</p>
                        <div className="actions">
                            <Action onPress={() => told(false)}>{t('cancel')}</Action>
                            <Action look="primary" icon="shield" onPress={() => (told(false), void navigate({ to: '/settings' }))}>{t('set_up_factor')}</Action>
                        </div>
                    </>
                ))}
            </Show>
        </Window>
    );
}
