// What was drawn up of a report, with its files: the same numbers in each form, and as they are kept, signed.
import { send } from '../api/client';
import { useSession } from '../app/queries';
import { day, moment, t } from '../i18n';
import { Action, Badge } from '../kit/bits';
import { Table } from '../kit/table';
import { tell, tellError } from '../kit/toast';
import { fileName, saveFile } from './csv';
import type { Run } from './reports-data';

const FORMS = ['pdf', 'xlsx', 'html', 'csv', 'json', 'parquet'] as const;

export function Runs({ rows }: { rows: Run[] }) {
    const session = useSession();
    // The moment behind the last is not part of it.
    const last = (to: string) => day(new Date(Date.parse(to) - 1).toISOString());
    return (
        <Table caption={t('report_runs')} rows={rows} rowKey={({ id }) => id} columns={[
            { id: 'made', name: t('report_when'), cell: ({ made }) => moment(made) },
            { id: 'period', name: t('report_period'), cell: ({ from, to }) => `${day(from)} – ${last(to)}` },
            { id: 'how', name: t('report_how'), cell: ({ schedule, unanswered, passed_over }) => (
                <span className="row wrap">
                    <Badge>{schedule ? t('report_by_schedule') : t('report_by_hand')}</Badge>
                    {passed_over.length > 0 && <Badge tone="warn">{t('report_passed_over', { n: passed_over.length })}</Badge>}
                    {unanswered > 0 && <Badge tone="warn">{t('report_unanswered', { n: unanswered })}</Badge>}
                </span>
            ) },
            { id: 'files', name: t('report_files'), cell: (run) => session?.can('report:export') && <Files run={run} /> },
        ]} />
    );
}

function Files({ run }: { run: Run }) {
    const save = async (from: string, otherwise: string) => {
        try {
            const answer = await send(`/v1/report-runs/${run.id}/${from}`);
            const name = fileName(answer.headers.get('content-disposition')) ?? otherwise;
            saveFile(name, await answer.blob());
            tell(t('export_done', { name }));
        } catch (error) {
            tellError(error);
        }
    };
    return (
        <span className="row wrap">
            {FORMS.map((form) => <Action key={form} look="quiet" aria-label={t('report_save_as', { form: form.toUpperCase() })} onPress={() => void save(`file?form=${form}`, `report.${form}`)}>{form.toUpperCase()}</Action>)}
            <Action look="quiet" icon="shield" aria-label={t('report_archive_hint')} onPress={() => void save('archive', 'report signed.zip')}>{t('report_archive')}</Action>
        </span>
    );
}
