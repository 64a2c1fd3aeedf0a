// Loaded into Azurite before it starts: its clock goes on by as many seconds as each line on its standard input says, so that tests
// see leases run out without waiting. When the input ends, whoever started the server is gone, and so is the server.
'use strict';

const RealDate = Date;
let shift = 0;

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + shift);
    else super(...parts);
  }

  static now() {
    return RealDate.now() + shift;
  }
};

require('node:readline')
  .createInterface({ input: process.stdin })
  .on('line', (seconds) => {
    shift += Number(seconds) * 1000;
    console.log(`The clock went on by ${seconds} seconds`);
  })
  .on('close', () => process.exit());
