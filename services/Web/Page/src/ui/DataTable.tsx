import {
  flexRender, getCoreRowModel, getSortedRowModel, useReactTable, type ColumnDef, type RowData, type SortingState,
} from '@tanstack/react-table';
import { Button } from '@mantine/core';
import { Fragment, useState, type ReactNode } from 'react';
import { Bone, Failed } from './states';
import styles from './ui.module.css';

declare module '@tanstack/react-table' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the parameters must be named as the library names them
  interface ColumnMeta<TData extends RowData, TValue> {
    /** Figures stand at the right. */
    right?: boolean;
    /** Long text may take several lines. */
    wrap?: boolean;
  }
}

/** How a list stands: the part of a query that a table needs. */
export type Loading = { isPending: boolean; isError: boolean; error: unknown; refetch: () => unknown };

type DataTableProps<T> = {
  /** What the rows are, in the plural: names the table and its errors. */
  label: string;
  rows: T[] | undefined;
  // A list of columns of different values has no narrower type.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  columns: ColumnDef<T, any>[];
  rowKey: (row: T) => string;
  loading: Loading;
  empty: ReactNode;
  sort?: SortingState;
  chosen?: string;
  /** More about one row, below it, when it is opened. */
  detail?: (row: T) => ReactNode;
  detailLabel?: (row: T) => string;
  /** A quiet line under a row, where there is something to say. */
  below?: (row: T) => string;
  /** How many rows are shown before more are asked for. */
  first?: number;
  /** More rows that the exchange still has. */
  more?: { has: boolean; load: () => void; loading: boolean };
  maxHeight?: number;
  skeletonRows?: number;
};

/** A table: sorted by any column, with its loading, empty and failed states. */
export function DataTable<T>({
  label, rows, columns, rowKey, loading, empty, sort = [], chosen, detail, detailLabel, below, first = 15, more, maxHeight, skeletonRows = 4,
}: DataTableProps<T>) {
  const [sorting, setSorting] = useState<SortingState>(sort);
  const [shown, setShown] = useState(first);
  const [opened, setOpened] = useState<string | null>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the table's functions are used in this render only
  const table = useReactTable({
    data: rows ?? [],
    columns,
    state: { sorting },
    onSortingChange: setSorting,
    getRowId: rowKey,
    // Rows that are a new list at each drawing would be reset, and so drawn again, without end.
    autoResetAll: false,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });

  if (loading.isError && !rows) return <Failed what={label} failure={loading.error} retry={() => void loading.refetch()} />;
  if (rows?.length === 0) return <>{empty}</>;

  const all = table.getRowModel().rows;
  const width = columns.length + (detail ? 1 : 0);
  return (
    <>
      {/* A scrolling region must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={styles.scroll} style={{ maxHeight }} tabIndex={0} role="group" aria-label={`${label}, scrolls`}>
        <table className={styles.table} aria-label={label} aria-busy={loading.isPending}>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => {
                  const sorted = header.column.getIsSorted();
                  const title = flexRender(header.column.columnDef.header, header.getContext());
                  return (
                    <th
                      key={header.id}
                      scope="col"
                      className={header.column.columnDef.meta?.right ? styles.right : undefined}
                      aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined}
                    >
                      {header.column.getCanSort() ? (
                        <button
                          type="button"
                          className={`${styles.sort ?? ''} ${header.column.columnDef.meta?.right ? (styles.sortRight ?? '') : ''}`}
                          onClick={header.column.getToggleSortingHandler()}
                        >
                          {title}
                          <span className={styles.arrow} aria-hidden>
                            {sorted === 'asc' ? '▲' : sorted === 'desc' ? '▼' : ''}
                          </span>
                        </button>
                      ) : (
                        title
                      )}
                    </th>
                  );
                })}
                {detail ? (
                  <th scope="col">
                    <span className="visually-hidden">Details</span>
                  </th>
                ) : null}
              </tr>
            ))}
          </thead>
          <tbody>
            {rows
              ? all.slice(0, shown).map((row) => (
                  <Fragment key={row.id}>
                    <tr className={row.id === chosen ? styles.chosen : below?.(row.original) ? styles.over : undefined} aria-current={row.id === chosen ? 'true' : undefined}>
                      {row.getVisibleCells().map((cell) => {
                        const meta = cell.column.columnDef.meta;
                        return (
                          <td key={cell.id} className={meta?.right ? styles.right : meta?.wrap ? styles.wrap : undefined}>
                            {flexRender(cell.column.columnDef.cell, cell.getContext())}
                          </td>
                        );
                      })}
                      {detail ? (
                        <td className={styles.right}>
                          <button
                            type="button"
                            className={styles.opener}
                            aria-expanded={opened === row.id}
                            aria-label={detailLabel?.(row.original) ?? `Details of ${row.id}`}
                            onClick={() => setOpened(opened === row.id ? null : row.id)}
                          >
                            Details <span aria-hidden>{opened === row.id ? '▾' : '▸'}</span>
                          </button>
                        </td>
                      ) : null}
                    </tr>
                    {below?.(row.original) ? (
                      <tr className={styles.below}>
                        <td colSpan={width}>{below(row.original)}</td>
                      </tr>
                    ) : null}
                    {detail && opened === row.id ? (
                      <tr className={styles.detail}>
                        <td colSpan={width}>{detail(row.original)}</td>
                      </tr>
                    ) : null}
                  </Fragment>
                ))
              : Array.from({ length: skeletonRows }, (_, index) => (
                  <tr key={index}>
                    {Array.from({ length: width }, (_, column) => (
                      <td key={column}>
                        <Bone width={column === 0 ? '14ch' : '6ch'} />
                      </td>
                    ))}
                  </tr>
                ))}
          </tbody>
        </table>
      </div>
      {rows && (all.length > shown || more?.has) ? (
        <div className={styles.foot}>
          <span>
            {Math.min(shown, all.length)} of {more?.has ? `more than ${all.length}` : all.length}
          </span>
          <Button
            variant="subtle"
            loading={more?.loading ?? false}
            onClick={() => {
              setShown(shown + Math.max(first, 25));
              if (more?.has && all.length <= shown + 25) more.load();
            }}
          >
            Show more {label.toLowerCase()}
          </Button>
        </div>
      ) : null}
    </>
  );
}
