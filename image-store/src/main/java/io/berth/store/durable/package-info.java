/** Writing what must survive a crash: files through a port that promises what Linux promises, and a journal on top of it. */
package io.berth.store.durable;
