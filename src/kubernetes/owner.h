// SPDX-License-Identifier: Apache-2.0
//
// Who is behind a pod's controller, told by names alone: asking the API for it would take rights on more kinds.
#pragma once

#include "kubernetes/api_object.h"

namespace bongsu {

// Sets owner_kind and owner_name of the object's pod.
// A ReplicaSet NAME-HASH, HASH being the pod's pod-template-hash, is a Deployment's NAME; with Argo's
// rollouts-pod-template-hash a Rollout's. A Job NAME-MINUTES, MINUTES since the epoch shortly before the pod was
// created, is a CronJob's NAME. Everything else is its own owner; so is the Node of a static pod.
void set_owner(ApiObject& object);

}  // namespace bongsu
