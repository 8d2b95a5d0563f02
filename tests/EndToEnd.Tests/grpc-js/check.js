// Calls the exchange with a gRPC implementation that shares no code with ours: unary, errors with details, streaming.
// usage: node check.js HOST:PORT PROTO_ROOT API_KEY
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const path = require('path');

const [, , address, protoRoot, key] = process.argv;

// The protos say by google.api.http where a method is found over REST; protobufjs brings what that imports.
const google = path.dirname(require.resolve('protobufjs/package.json'));
const load = (file) => grpc.loadPackageDefinition(
  loader.loadSync(file, { includeDirs: [protoRoot, google], keepCase: true, longs: String, enums: String, defaults: true }));
const orders = load('computeexchange/orderbook/v1/order_book_service.proto').computeexchange.orderbook.v1;
const pricing = load('computeexchange/pricing/v1/pricing_service.proto').computeexchange.pricing.v1;

const credentials = grpc.credentials.createInsecure();
const meta = (token) => {
  const metadata = new grpc.Metadata();
  if (token) metadata.set('authorization', `Bearer ${token}`);
  return metadata;
};
const call = (client, method, request, token = key) => new Promise((resolve) =>
  client[method](request, meta(token), { deadline: Date.now() + 10000 }, (error, response) => resolve({ error, response })));

(async () => {
  const markets = new orders.MarketService(address, credentials);
  const book = new orders.OrderBookService(address, credentials);
  const prices = new pricing.PricingService(address, credentials);

  const listed = await call(markets, 'ListMarkets', {});
  const trades = await call(book, 'ListTrades', { page_size: 10 });
  const slots = await call(prices, 'ListSlotPrices', {});
  const stranger = await call(book, 'ListTrades', {}, null);
  const wrong = await call(book, 'GetRun', { run_id: -1 });
  const malformed = await call(book, 'ListTrades', { page_size: 100000 });

  console.log(JSON.stringify({
    markets: listed.response && listed.response.markets.map((market) => market.market),
    trades: trades.response && trades.response.trades.length,
    prices: slots.response && slots.response.prices.length,
    unexpected: [listed, trades, slots].map((answer) => answer.error && answer.error.message).filter(Boolean),
    stranger: stranger.error && stranger.error.code,
    wrong: wrong.error && wrong.error.code,
    malformed: malformed.error && malformed.error.code,
    details: Boolean(malformed.error && malformed.error.metadata.get('grpc-status-details-bin').length),
  }));
  for (const client of [markets, book, prices]) client.close();
})();
