/** 80 GiB, 1.5 TiB, 512 MiB: bytes by powers of 1024, with one decimal where there is a part. */
export function formatBytes(bytes: number): string {
  if (bytes <= 0) return '0';
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_024 && unit < names.length - 1) {
    value /= 1_024;
    unit++;
  }
  return `${oneDecimal(value)} ${names[unit] ?? ''}`;
}

/** 3.3 TB/s, 950 MB/s: bytes a second by powers of 1000, as speeds are told. */
export const formatRate = (bytesPerSecond: number): string => (bytesPerSecond <= 0 ? '–' : `${thousands(bytesPerSecond, ['B', 'kB', 'MB', 'GB', 'TB'])}/s`);

/** 10 Gbit/s, from megabits. */
export const formatMegabits = (megabits: number): string => (megabits <= 0 ? '–' : `${thousands(megabits * 1_000_000, ['bit', 'kbit', 'Mbit', 'Gbit', 'Tbit'])}/s`);

/** 31 T, 450 G: operations a second by powers of 1000. */
export const formatOperations = (count: number): string => (count <= 0 ? '–' : thousands(count, ['', 'k', 'M', 'G', 'T', 'P']).trim());

/** 350 W, from milliwatts. */
export const formatWatts = (milliwatts: number): string => (milliwatts <= 0 ? '–' : `${Math.round(milliwatts / 1_000)} W`);

/** 45 s, 2 min, 1 h, 1 h 30 min: a notice or a wait in seconds. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const rest = minutes % 60;
  return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${Math.floor(minutes / 60)} h`;
}

/** A score from parts per million as a share: 0.9871, as filters write it. */
export const formatScore = (ppm: number): string => (Math.floor(ppm / 100) / 10_000).toFixed(4).replace(/0{1,2}$/, '');

function thousands(value: number, names: string[]): string {
  let unit = 0;
  while (value >= 1_000 && unit < names.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${oneDecimal(value)} ${names[unit] ?? ''}`;
}

const oneDecimal = (value: number): string => (value >= 99.95 || Math.abs(value - Math.round(value)) < 0.05 ? Math.round(value).toString() : value.toFixed(1));
