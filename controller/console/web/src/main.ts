import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import { begin } from './texts';

const target = document.getElementById('app');
if (target) void begin().then(() => mount(App, { target }));
