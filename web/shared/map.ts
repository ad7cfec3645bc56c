/** The base map: vector tiles of our own server, drawn on a canvas in the colours of the page. */
import L from 'leaflet';
import 'leaflet/dist/leaflet.css';
import './map.css';
import { CenteredTextSymbolizer, LineLabelSymbolizer, LineSymbolizer, PolygonSymbolizer, leafletLayer, type Feature, type LabelRule, type PaintRule } from 'protomaps-leaflet';
import { locale } from './text';

/** What each colour is in light and dark; the map is quiet, so that routes stand out. */
const COLOURS = {
  light: { sea: '#d3e0e3', land: '#f4f3ee', built: '#eceae4', green: '#e1eadb', water: '#c6dade', major: '#ffffff', minor: '#ffffff', casing: '#d8d5cc', label: '#4b5654', halo: '#f6f5f1' },
  dark: { sea: '#0d161b', land: '#1a2227', built: '#1e272c', green: '#1a2923', water: '#101b21', major: '#46545c', minor: '#313c43', casing: '#12191d', label: '#a9b7b5', halo: '#12191d' },
};

export const isDark = (): boolean => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
};

const road = (from: number, until: number) => (_: number, feature?: Feature) => {
  const c = Number(feature?.props.c ?? 9);
  return c >= from && c <= until;
};

function rules(c: (typeof COLOURS)['light']): { paint: PaintRule[]; labels: LabelRule[] } {
  const area = (dataLayer: string, fill: string): PaintRule => ({ dataLayer, symbolizer: new PolygonSymbolizer({ fill }) });
  const grow = (base: number) => (zoom: number) => Math.max(0.5, base * 2 ** ((zoom - 13) * 0.55));
  const line = (from: number, until: number, color: string, width: number, minzoom = 0): PaintRule => ({
    dataLayer: 'roads', minzoom, filter: road(from, until), symbolizer: new LineSymbolizer({ color, width: grow(width), lineCap: 'round', lineJoin: 'round' }),
  });
  const font = getComputedStyle(document.body).fontFamily;
  const place = (kinds: string[], size: number, minzoom: number): LabelRule => ({
    dataLayer: 'places', minzoom, filter: (_, feature) => kinds.includes(String(feature?.props.k)),
    symbolizer: new CenteredTextSymbolizer({ labelProps: ['name'], fill: c.label, stroke: c.halo, width: 2, font: `600 ${size}px ${font}` }),
  });
  return {
    paint: [
      area('land', c.land), area('built', c.built), area('green', c.green), area('water', c.water),
      line(5, 99, c.casing, 2.6, 12), line(0, 4, c.casing, 5),
      line(5, 99, c.minor, 1.5, 11), line(4, 4, c.minor, 2.2), line(0, 3, c.major, 3.2),
      { dataLayer: 'aeroway', minzoom: 11, symbolizer: new LineSymbolizer({ color: c.casing, width: grow(4) }) },
    ],
    labels: [
      place(['city', 'town'], 13, 7), place(['suburb', 'village'], 11, 10), place(['neighbourhood', 'hamlet'], 10, 12),
      { dataLayer: 'roads', minzoom: 14, filter: (_, feature) => Boolean(feature?.props.name), symbolizer: new LineLabelSymbolizer({ labelProps: ['name'], fill: c.label, stroke: c.halo, width: 2, font: `500 10px ${font}` }) },
    ],
  };
}

/** A map in an element, with our ground under it; `redraw` follows a change of light and dark. */
export function makeMap(element: HTMLElement): { map: L.Map; redraw: () => void } {
  const map = L.map(element, { preferCanvas: true, zoomControl: false, attributionControl: true, zoomSnap: 0.5 });
  L.control.zoom({ position: 'topright' }).addTo(map);
  map.attributionControl.setPrefix(false);
  map.setView([64.13, -21.88], 11);
  let ground: L.Layer | null = null;
  const redraw = () => {
    const colours = COLOURS[isDark() ? 'dark' : 'light'];
    const { paint, labels } = rules(colours);
    ground?.remove();
    element.style.background = colours.sea;
    ground = leafletLayer({
      url: '/map/region.pmtiles', paintRules: paint, labelRules: labels, backgroundColor: colours.sea, maxDataZoom: 13, lang: locale(),
      attribution: '© <a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener">OpenStreetMap</a>',
    } as never) as unknown as L.Layer;
    ground.addTo(map);
  };
  redraw();
  return { map, redraw };
}

/** The points of an encoded polyline with five digits. */
export function decoded(polyline: string): [number, number][] {
  const points: [number, number][] = [];
  let [at, lat, lon] = [0, 0, 0];
  const next = () => {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = polyline.charCodeAt(at++) - 63;
      value |= (byte & 31) << shift;
      shift += 5;
    } while (byte >= 32);
    return value & 1 ? ~(value >> 1) : value >> 1;
  };
  while (at < polyline.length) {
    lat += next();
    lon += next();
    points.push([lat / 1e5, lon / 1e5]);
  }
  return points;
}
