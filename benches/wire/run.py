"""Lets real clients ask an appliance. The program is the one argument; names of checks behind it run these alone."""

import sys
import traceback

import clients
from house import House


def main():
    house = House(sys.argv[1])
    chosen = sys.argv[2:]
    failed = 0
    try:
        for check in clients.ALL:
            if chosen and check.__name__ not in chosen and check is not clients.load:
                continue
            try:
                print(f"ok      {check.__name__:14} {check(house) or ''}", flush=True)
            except Exception as error:
                failed += 1
                print(f"FAILED  {check.__name__:14} {error}", flush=True)
                if not str(error):
                    traceback.print_exc()
    finally:
        house.close()
    print(f"failed: {failed}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
