// Installs VS Code for the editor test and for open.mjs, and prints where it is.

import { install } from './vscode.mjs';

console.log(install());
