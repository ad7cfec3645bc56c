#!/usr/bin/env python3
"""Runs one peer on a Solomon file: peers.py pyvrp|vroom|ortools FILE SECONDS SEED.

Distances are cut to one decimal and counted in tenths. The routes are checked here, by nothing of
the peer; the last line says CPU seconds and distance, or `infeasible`."""
import math
import sys
import tempfile
import time
from collections import defaultdict
from datetime import timedelta


def read(path):
    fleet, rows = None, []
    for line in open(path):
        fields = line.split()
        if not fields or not fields[0].isdigit():
            continue
        numbers = [int(float(field)) for field in fields]
        if len(numbers) == 2 and fleet is None:
            fleet = numbers
        elif len(numbers) == 7:
            rows.append(numbers)
    return fleet, rows


def matrix(rows):
    return [[int(10 * math.sqrt((a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2)) for b in rows] for a in rows]


def pyvrp(fleet, rows, legs, seconds, seed):
    """Through its own reader, which builds large instances faster than its modelling classes do."""
    import pyvrp as engine
    from pyvrp.stop import MaxRuntime
    head = {"NAME": "day", "TYPE": "VRPTW", "DIMENSION": len(rows), "VEHICLES": fleet[0], "CAPACITY": fleet[1],
            "EDGE_WEIGHT_TYPE": "EUC_2D"}
    columns = {"NODE_COORD": (1, 2), "DEMAND": (3,), "TIME_WINDOW": (4, 5), "SERVICE_TIME": (6,)}
    lines = [f"{name} : {value}" for name, value in head.items()]
    for name, fields in columns.items():
        lines.append(f"{name}_SECTION")
        lines += [" ".join(str(number) for number in [at, *(row[f] for f in fields)]) for at, row in enumerate(rows, 1)]
    lines += ["DEPOT_SECTION", "1", "-1", "EOF"]
    with tempfile.NamedTemporaryFile("w", suffix=".vrp") as file:
        file.write("\n".join(lines))
        file.flush()
        # Cut to one decimal and counted in tenths, as `matrix`.
        problem = engine.read(file.name, round_func="dimacs")
    best = engine.solve(problem, stop=MaxRuntime(seconds), seed=seed, display=False).best
    return [[int(stop.idx) + 1 for stop in route if stop.is_client()] for route in best.routes()]


def vroom(fleet, rows, legs, seconds, seed):
    import vroom as engine
    problem = engine.Input()
    problem.set_durations_matrix("car", legs)
    window = [10 * rows[0][4], 10 * rows[0][5]]
    problem.add_vehicle([engine.Vehicle(v, start=0, end=0, profile="car", capacity=[fleet[1]], time_window=window)
                         for v in range(fleet[0])])
    problem.add_job([engine.Job(i, location=i, default_service=10 * r[6], delivery=[r[3]],
                                time_windows=[[10 * r[4], 10 * r[5]]]) for i, r in enumerate(rows) if i])
    found = problem.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds)).to_dict()
    routes = defaultdict(list)
    for route in found["routes"]:
        routes[route["vehicle"]] = [step["id"] for step in route["steps"] if step["type"] == "job"]
    return list(routes.values())


def ortools(fleet, rows, legs, seconds, seed):
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2 as enums
    count, last = len(rows), 10 * rows[0][5]
    manager = pywrapcp.RoutingIndexManager(count, fleet[0], 0)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(legs))
    spent = [[legs[i][j] + (10 * rows[i][6] if i else 0) for j in range(count)] for i in range(count)]
    routing.AddDimension(routing.RegisterTransitMatrix(spent), last, last, False, "time")
    routing.AddDimension(routing.RegisterUnaryTransitVector([r[3] for r in rows]), 0, fleet[1], True, "load")
    clock = routing.GetDimensionOrDie("time")
    for i in range(1, count):
        clock.CumulVar(manager.NodeToIndex(i)).SetRange(10 * rows[i][4], 10 * rows[i][5])
    settings = pywrapcp.DefaultRoutingSearchParameters()
    settings.first_solution_strategy = enums.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    settings.local_search_metaheuristic = enums.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    settings.time_limit.FromMilliseconds(int(1000 * seconds))
    plan = routing.SolveWithParameters(settings)
    routes = []
    for v in range(fleet[0] if plan else 0):
        route, at = [], plan.Value(routing.NextVar(routing.Start(v)))
        while not routing.IsEnd(at):
            route.append(manager.IndexToNode(at))
            at = plan.Value(routing.NextVar(at))
        routes.append(route)
    return routes


def distance(fleet, rows, legs, routes):
    """Tenths driven, or None if the routes break a rule."""
    routes = [route for route in routes if route]
    if len(routes) > fleet[0] or sorted(c for route in routes for c in route) != list(range(1, len(rows))):
        return None
    total = 0
    for route in routes:
        if sum(rows[c][3] for c in route) > fleet[1]:
            return None
        now, here = 10 * rows[0][4], 0
        for c in [*route, 0]:
            now = max(now + (10 * rows[here][6] if here else 0) + legs[here][c], 10 * rows[c][4])
            if now > 10 * rows[c][5]:
                return None
            total, here = total + legs[here][c], c
    return total


def main():
    peer, path, seconds, seed = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    fleet, rows = read(path)
    legs = matrix(rows)
    begin = time.process_time()
    routes = {"pyvrp": pyvrp, "vroom": vroom, "ortools": ortools}[peer](fleet, rows, legs, seconds, seed)
    used = time.process_time() - begin
    total = distance(fleet, rows, legs, routes)
    print(f"{used:.2f}", "infeasible" if total is None else total / 10)


if __name__ == "__main__":
    main()
