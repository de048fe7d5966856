//! The measurements are the programs and scripts beside this folder, one folder an area; see their own heads and READMEs.
