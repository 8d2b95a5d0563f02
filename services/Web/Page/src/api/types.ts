import type { components } from './exchange.gen';

type Schemas = components['schemas'];

export type Bid = Schemas['Bid'];
export type Offer = Schemas['Offer'];
export type Trade = Schemas['Trade'];
export type Run = Schemas['Run'];
export type BidVerdict = Schemas['BidVerdict'];
export type PlaceBid = Schemas['PlaceBidRequest'];
export type BidPreview = Schemas['PreviewBidResponse'];
export type Indicative = Schemas['GetIndicativePricesResponse'];
export type Settings = Schemas['ChangeSettings'];
export type Market = Schemas['DefineMarket'];
export type Depth = Schemas['GetDepthResponse'];
export type DepthLevel = Schemas['DepthLevel'];
export type Quote = Schemas['QuoteResponse'];
export type StreamMarketDataResponse = Schemas['StreamMarketDataResponse'];
export type SlotPrice = Schemas['SlotPrice'];
export type SpotPricePoint = Schemas['SpotPricePoint'];
export type IndexValue = Schemas['IndexValue'];
export type Account = Schemas['GetAccountResponse'];
export type Transfer = Schemas['Transfer'];
export type Payout = Schemas['Payout'];
export type Node = Schemas['Node'];
export type Lease = Schemas['Lease'];
export type LeaseMeter = Schemas['LeaseMeter'];
export type Participant = Schemas['Participant'];
export type ApiKey = Schemas['ApiKey'];
export type AuditRow = Schemas['AuditRow'];
export type Clock = Schemas['GetClockResponse'];
export type AmountReason = Schemas['AmountReason'];
export type Statement = Schemas['GetStatementResponse'];
export type StatementLine = Schemas['StatementLine'];
export type StatementBalance = Schemas['StatementBalance'];
export type MoneyDocument = Schemas['Document'];
export type DocumentKind = Schemas['DocumentKind'];
export type Withdrawal = Schemas['Withdrawal'];
export type Deposit = Schemas['DepositRecord'];
export type Destination = Schemas['PaymentDestination'];
export type PaymentScheme = Schemas['PaymentScheme'];
export type PaymentLimits = Schemas['PaymentLimits'];
export type PaymentStatus = Schemas['GetPaymentStatusResponse'];
export type Profile = Schemas['Profile'];
export type Proposal = Schemas['Proposal'];
export type TrialBalanceRow = Schemas['TrialBalanceRow'];
export type NodeState = Schemas['NodeState'];
export type NodePresence = Schemas['NodePresence'];
export type NodeDetail = Schemas['NodeDetail'];
export type NodeEvent = Schemas['NodeEvent'];
export type NodeTest = Schemas['NodeTest'];
export type NodePolicy = Schemas['NodePolicy'];
export type MaintenanceWindow = Schemas['MaintenanceWindow'];
export type GpuUse = Schemas['GpuUse'];
export type GpuSample = Schemas['GpuSample'];
export type Delivery = Schemas['Delivery'];
export type DeliveryMeter = Schemas['DeliveryMeter'];
export type DeliveryPhase = Schemas['DeliveryPhase'];
export type DeliveryCloseReason = Schemas['DeliveryCloseReason'];
export type Workload = Schemas['Workload'];
export type Dispute = Schemas['Dispute'];
export type DisputeKind = Schemas['DisputeKind'];
export type DisputeState = Schemas['DisputeState'];
export type Webhook = Schemas['Webhook'];
export type WebhookCall = Schemas['WebhookCall'];
export type Capacity = Schemas['Capacity'];
export type SearchField = Schemas['SearchField'];
export type Session = Schemas['SessionView'];
export type ServiceProgress = Schemas['ServiceView'];

/** An auction problem, file format version 1. Prices are micro-dollars per GPU-hour; slots count from 0. */
export type Problem = {
  version: number;
  slot_minutes: number;
  first_slot_minutes?: number;
  slots: number;
  markets: string[];
  offers: { id: string; market: number; gpus: number; from: number; to: number; reserve: number | number[]; min_run?: number }[];
  bids: ProblemBid[];
};

export type ProblemBid = {
  id: string;
  kind: 'divisible' | 'block';
  markets: number[];
  gpus: number;
  from: number;
  to: number;
  limit: number;
  run?: number;
  starts?: number[];
  min_fill?: number;
  node?: number;
  parent?: string | null;
  group?: string | null;
};

/** The solution of an auction problem, file format version 1. */
export type Solution = {
  version: number;
  status: string;
  welfare: number;
  bound: number;
  seconds?: number;
  prices: (number | null)[][];
  fills: { bid: string; offer: string; from: number; to: number; gpus: number }[];
  left_out: string[];
  left_out_offers?: string[];
};
