#!/usr/bin/env node
// A file of its own, not dist/cli.js: npm links a workspace's commands at install time, before anything is built.
import "../dist/cli.js";
