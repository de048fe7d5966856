// Uploads that an earlier visit did not finish go on; what has arrived is told, wherever one is.
import { uploads } from '../api/upload';
import { t } from '../i18n';
import { tell } from '../kit/toast';
import { queries } from './queries';

uploads.arrived = (upload) => {
    void queries.invalidateQueries({ queryKey: ['recordings'] });
    tell(t('uploaded', { name: upload.name }));
};

export const resume = (): Promise<void> => uploads.restore().catch(() => {});
