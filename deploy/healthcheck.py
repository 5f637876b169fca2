"""Asks the gRPC door on a port of this machine whether it serves: `healthcheck.py 7102`. Exits with 0 where it does."""

import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

ANSWER_WITHIN_S = 3.0


def main(port: str) -> int:
    """0 where the door on this port serves, else 1."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=ANSWER_WITHIN_S, wait_for_ready=True
            )
        except grpc.RpcError as error:
            print(error.code().name, file=sys.stderr)
            return 1
    return 0 if answer.status == health_pb2.HealthCheckResponse.SERVING else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
