#!/usr/bin/env python3
"""OR-Tools on a Solomon file with crews of two and shared devices: sync.py FILE SECONDS CREWS DEVICE_VISITS DEVICES.

Every ninth customer from 5 on (CREWS of them) needs a second vehicle that starts together with the first; every
third from 2 on (DEVICE_VISITS of them) needs one of DEVICES during its service. The plan is checked here, by nothing
of the solver; the last line says CPU seconds and distance, or `infeasible`, or `nothing`."""
import sys
import time

from peers import distance, matrix, read


def solve(fleet, rows, legs, seconds, crews, shared, devices):
    """Routes of customers, clones of crew customers numbered behind the others, and starts."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2 as enums
    count = len(rows)
    base = [*range(count), *crews]
    last = 10 * rows[0][5]
    manager = pywrapcp.RoutingIndexManager(len(base), fleet[0], 0)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(
        routing.RegisterTransitMatrix([[legs[a][b] for b in base] for a in base]))
    spent = [[legs[a][b] + 10 * rows[a][6] for b in base] for a in base]
    routing.AddDimension(routing.RegisterTransitMatrix(spent), last, last, False, "time")
    # The second of a crew brings nothing along.
    loads = [rows[c][3] if at < count else 0 for at, c in enumerate(base)]
    routing.AddDimension(routing.RegisterUnaryTransitVector(loads), 0, fleet[1], True, "load")
    clock, solver = routing.GetDimensionOrDie("time"), routing.solver()
    start = [clock.CumulVar(manager.NodeToIndex(at)) if at else None for at in range(len(base))]
    for at in range(1, len(base)):
        start[at].SetRange(10 * rows[base[at]][4], 10 * rows[base[at]][5])
    for k, c in enumerate(crews):
        solver.Add(start[c] == start[count + k])
        solver.Add(routing.VehicleVar(manager.NodeToIndex(c)) != routing.VehicleVar(manager.NodeToIndex(count + k)))
    if shared:
        spans = [solver.FixedDurationIntervalVar(start[c], 10 * rows[c][6], f"device {c}") for c in shared]
        solver.Add(solver.Cumulative(spans, [1] * len(spans), devices, "devices"))
    settings = pywrapcp.DefaultRoutingSearchParameters()
    settings.first_solution_strategy = enums.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    settings.local_search_metaheuristic = enums.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    settings.time_limit.FromMilliseconds(int(1000 * seconds))
    plan = routing.SolveWithParameters(settings)
    if not plan:
        return None
    routes = []
    for v in range(fleet[0]):
        route, at = [], plan.Value(routing.NextVar(routing.Start(v)))
        while not routing.IsEnd(at):
            route.append(manager.IndexToNode(at))
            at = plan.Value(routing.NextVar(at))
        routes.append(route)
    return routes, [plan.Min(var) if var is not None else 0 for var in start]


def check(fleet, rows, legs, crews, shared, devices, found):
    """Tenths driven, or None if the plan breaks a rule; starts as the solver gives them."""
    routes, start = found
    count = len(rows)
    base = [*range(count), *crews]
    total = 0
    for route in routes:
        named = [base[at] for at in route]
        if len(set(named)) < len(named) or sum(rows[at][3] for at in route if at < count) > fleet[1]:
            return None
        now, here = 10 * rows[0][4], 0
        for at in route:
            now += legs[here][base[at]]
            if start[at] < now or not 10 * rows[base[at]][4] <= start[at] <= 10 * rows[base[at]][5]:
                return None
            total += legs[here][base[at]]
            now, here = start[at] + 10 * rows[base[at]][6], base[at]
        total += legs[here][0]
        if now + legs[here][0] > 10 * rows[0][5]:
            return None
    if sorted(at for route in routes for at in route) != list(range(1, len(base))):
        return None
    together = all(start[c] == start[count + k] for k, c in enumerate(crews))
    begun = [(start[c], start[c] + 10 * rows[c][6]) for c in shared]
    used = max((sum(a <= now < b for a, b in begun) for now, _ in begun), default=0)
    return total if together and used <= devices else None


def main():
    path, seconds, crews, shared, devices = sys.argv[1], float(sys.argv[2]), *map(int, sys.argv[3:6])
    fleet, rows = read(path)
    legs = matrix(rows)
    crew_customers = [5 + 9 * k for k in range(crews) if 5 + 9 * k < len(rows)]
    device_customers = [2 + 3 * k for k in range(shared) if 2 + 3 * k < len(rows)]
    begin = time.process_time()
    found = solve(fleet, rows, legs, seconds, crew_customers, device_customers, devices)
    used = time.process_time() - begin
    if found is None:
        print(f"{used:.2f} nothing")
        return
    total = check(fleet, rows, legs, crew_customers, device_customers, devices, found)
    print(f"{used:.2f}", "infeasible" if total is None else total / 10)


if __name__ == "__main__":
    main()
