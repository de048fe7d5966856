import { StrictMode, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import '@fontsource-variable/inter/wght.css';
import './kit/tokens.css';
import './kit/base.css';
import './kit/kit.css';
import './app/shell.css';
import { appearance } from './app/appearance';
import { queries } from './app/queries';
import { router } from './app/router';
import { locale, preferred, speak } from './i18n';
import { Toasts } from './kit/toast';
import './app/trusted';

function App() {
    // Another language is another key: everything is drawn anew.
    const { language } = useSyncExternalStore(appearance.subscribe, appearance.now);
    return (
        <I18nProvider locale={locale()} key={language}>
            <QueryClientProvider client={queries}>
                <RouterProvider router={router} />
                <Toasts />
            </QueryClientProvider>
        </I18nProvider>
    );
}

await speak(preferred());
appearance.apply();
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no root');
createRoot(root).render(<StrictMode><App /></StrictMode>);
