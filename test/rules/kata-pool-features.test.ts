import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { kataPoolFeatures } from '../../shared/rules/kata-pool-features.ts';
import { aKataPool, aPlainPool } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const says = (verdict: string) => ({ 'node-pool/kata1': verdict });
const pool = (over: Parameters<typeof aKataPool>[0]) => ({ nodePools: observed([aKataPool(over)]) });
const ofSizes = (over: Parameters<typeof aKataPool>[0]) => ({
  nodePools: observed([aKataPool(over)].map(({ vmSize: _, ...one }) => one)),
});

testRule(kataPoolFeatures, [
  { name: 'passes a pool without special features', says: says('pass') },
  { name: 'fails FIPS', over: pool({ enableFips: true }), says: says('fail'), message: /has FIPS, which/, severity: 'medium' },
  { name: 'fails secure boot', over: pool({ secureBoot: true }), says: says('fail'), message: /Trusted Launch/ },
  { name: 'fails a virtual TPM', over: pool({ vtpm: true }), says: says('fail'), message: /Trusted Launch/ },
  { name: 'fails an Arm size', over: pool({ vmSize: 'Standard_D4ps_v5' }), says: says('fail'), message: /Arm64/ },
  {
    name: 'fails the image of a confidential VM',
    over: pool({ nodeImageVersion: 'AKSAzureLinux-V3gen2CVM-202608.20.0' }),
    says: says('fail'),
    message: /a confidential VM/,
  },
  {
    name: 'fails an Arm size among several of one pool, without a command that allows only one size',
    over: ofSizes({ vmSizes: ['Standard_D4s_v5', 'Standard_D4ps_v5'], enableFips: true }),
    says: says('fail'),
    message: /FIPS and Arm64/,
  },
  { name: 'passes a size without the letter p', over: pool({ vmSize: 'Standard_D4ds_v5' }), says: says('pass') },
  {
    name: 'fails a feature that the image shows',
    over: pool({ nodeImageVersion: 'AKSCBLMariner-V2katagen2TL-2022.12.15', enableFips: true }),
    says: says('fail'),
    message: /FIPS and Trusted Launch/,
  },
  { name: 'cannot be judged without the pools', over: { nodePools: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'ignores plain pools', over: { nodePools: observed([aPlainPool({ enableFips: true })]) }, says: {} },
  ...[
    'Standard_D4pds_v6',
    'Standard_D4-2ps_v5',
    'Standard_D16ps_v5',
    'Standard_E96-24ps_v5',
    'Standard_D4lps_v5',
    'Standard_D2plds_v5',
    'Standard_E4ps',
    'Standard_EC2p_v1',
  ].map((vmSize) => ({
    name: `fails the Arm size ${vmSize}`,
    over: pool({ vmSize }),
    says: says('fail'),
    facts: { claims: ['Arm64'] },
    remediation: /^[^\n]*$/,
  })),
  ...['Standard_NP10s', 'Standard_PB6s', 'Standard_D4s_v5p', 'xStandard_D4ps_v5', 'Standard_D4ps-v5'].map((vmSize) => ({
    name: `passes the size ${vmSize}, whose letter p is elsewhere`,
    over: pool({ vmSize }),
    says: says('pass'),
  })),
  {
    name: 'gives the commands that replace a pool of one size',
    over: pool({ vtpm: true }),
    says: says('fail'),
    remediation: /nodepool add [\s\S]*nodepool delete/,
    facts: { claims: ['Trusted Launch'] },
  },
  {
    name: 'fails a feature that only the image shows',
    over: pool({ nodeImageVersion: 'AKSAzureLinux-V3gen2arm64fips-202608.20.0' }),
    says: says('fail'),
    message: /FIPS and Arm64/,
  },
  {
    name: 'replaces no pool of which one of several machines has Arm',
    over: ofSizes({ vmSizes: ['Standard_D4ps_v5', 'Standard_D4s_v5'] }),
    says: says('fail'),
    facts: { claims: ['Arm64'] },
    remediation: /^[^\n]*$/,
  },
]);
